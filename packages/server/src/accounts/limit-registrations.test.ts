import { expect, test } from 'vitest';
import { DEFAULT_RATES, type Settings } from '../config/settings.ts';
import { limitAgents, limitSignups } from './limit-registrations.ts';

const HOUR_MS = 60 * 60_000;

test.each([
  ['20 people per hour and address', limitSignups, 'signup 10.0.0.1', '10.0.0.1', 20],
  ['60 agents per hour and operator', limitAgents, 'agents alice-3d3d', 'alice-3d3d', 60],
])('the default settings allow %s', async (_name, limitRegistrations, key, who, limit) => {
  const taken: unknown[] = [];
  const context = {
    settings: { limits: DEFAULT_RATES } as Settings,
    limiter: {
      take(...call: unknown[]) {
        taken.push(call);
        return Promise.resolve(taken.length > 1 ? 90 : undefined);
      },
    },
  };
  await limitRegistrations(context, who);
  expect(taken).toEqual([[key, { limit, windowMs: HOUR_MS }]]);
  const refused = { code: 'RATE_LIMITED', retryAfterSeconds: 90 };
  await expect(limitRegistrations(context, who)).rejects.toMatchObject(refused);
});
