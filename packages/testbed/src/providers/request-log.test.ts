import { expect, test } from 'vitest';
import { EMPTY_VIEW } from './fake-request.ts';
import { createRequestLog } from './request-log.ts';

function requestOf(rawBody: string) {
  return {
    ...EMPTY_VIEW,
    api: 'none',
    operation: 'unknown',
    method: 'POST',
    path: '/',
    headers: {},
    credential: undefined,
    rawBody,
    raw: undefined,
    receivedAt: 0,
    answeredBy: 'undecided',
    outcome: 'open',
    status: 0,
  } as const;
}

test('the oldest bodies are forgotten when all together are too long, and the newest never', () => {
  const log = createRequestLog({ maxRequests: 10, maxBytes: 10 });
  for (const body of ['a'.repeat(6), 'b'.repeat(4), 'c'.repeat(3)]) log.add(requestOf(body));
  expect(log.requests.map(({ rawBody }) => rawBody)).toEqual(['bbbb', 'ccc']);
  log.add(requestOf('d'.repeat(50)));
  expect(log.requests.map(({ seq }) => seq)).toEqual([4]);
  expect(log.forgotten).toBe(3);
});
