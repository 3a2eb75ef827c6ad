import { expect, test } from 'vitest';
import { classifyResult, isStaleSession } from './classify-result.ts';
import type { ResultFacts } from './read-frame.ts';

const FACTS: ResultFacts = {
  subtype: 'success',
  isError: true,
  httpStatus: undefined,
  terminalReason: '',
  text: '',
  errors: [],
  sessionId: '',
  inputTokens: 0,
  outputTokens: 0,
};

test.each([
  ['no login', {}, { errorWord: 'authentication_failed' }, 'auth'],
  ['an organisation that may not', { httpStatus: 403 }, { errorWord: 'oauth_org_not_allowed' }, 'billing'],
  ['a prompt that the CLI does not even send', { text: 'Prompt is too long' }, {}, 'input_too_large'],
  ['a limit of the CLI', { terminalReason: 'blocking_limit' }, {}, 'input_too_large'],
  ['an image that is too large', { httpStatus: 400, terminalReason: 'image_error' }, {}, 'input_too_large'],
  [
    'overload after many attempts',
    { text: 'API Error: Repeated 529 Overloaded errors' },
    { errorWord: 'server_error', lastRetry: { error: 'overloaded', status: 529 } },
    'overloaded',
  ],
  ['503', { httpStatus: 503 }, { errorWord: 'server_error' }, 'server_error'],
  ['408', { httpStatus: 408 }, { errorWord: 'unknown' }, 'server_error'],
  ['400', { httpStatus: 400 }, { errorWord: 'unknown' }, 'refused'],
  ['402', { httpStatus: 402 }, {}, 'billing'],
  ['a server error without a status', {}, { errorWord: 'server_error' }, 'server_error'],
  ['too many turns', { subtype: 'error_max_turns' }, {}, 'protocol'],
  ['a stale session', { errors: ['No conversation found with session ID: x'] }, {}, 'bad_session'],
] as const)('%s is a failure of its class', (_, facts, hints, failureClass) => {
  expect(classifyResult({ ...FACTS, ...facts }, hints)?.failureClass).toBe(failureClass);
});

test.each([
  'API Error: 429 is what a provider says when there are too many requests',
  'Not logged in · Please run /login is what you would see',
  'Prompt is too long, said the model',
])('an answer that talks about failures is none: %s', (text) => {
  expect(classifyResult({ ...FACTS, isError: false, text }, {})).toBeUndefined();
});

test('only the exact words at the beginning say that a session is stale', () => {
  expect(isStaleSession({ errors: ['Tool said: No conversation found with session ID: x'] })).toBe(false);
});

test('details are without secrets', () => {
  const { detail } = classifyResult({ ...FACTS, text: 'The key sk-12345678 is bad' }, {}, ['sk-12345678']) ?? {};
  expect(detail).toBe('success: The key [redacted] is bad');
});
