// Counting per key and window, on either database.
import { describe, expect, test } from 'vitest';
import { createMemoryLimiter } from '../src/rate-limit/memory-limiter.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

const MINUTE = { limit: 3, windowMs: 60_000 };

describe.each(DIALECTS)('on %s', (dialect) => {
  test('allows so many per window, then says how long to wait', async () => {
    await using server = await startAtWindow(dialect);
    expect(await takeMany(server, 5)).toEqual([undefined, undefined, undefined, 60, 60]);
    server.clock.now += 20_500;
    expect(await takeMany(server, 1)).toEqual([40]);
    server.clock.now += 39_500;
    expect(await takeMany(server, 4)).toEqual([undefined, undefined, undefined, 60]);
  });

  test('counts each key for itself', async () => {
    await using server = await startAtWindow(dialect);
    await takeMany(server, 4);
    expect(await server.context.limiter.take('other', MINUTE)).toBeUndefined();
  });

  test('counts calls at the same time', async () => {
    await using server = await startAtWindow(dialect);
    const rate = { limit: 100, windowMs: 60_000 };
    const taken = await Promise.all(Array.from({ length: 150 }, () => server.context.limiter.take('key', rate)));
    expect(taken.filter((seconds) => seconds === undefined)).toHaveLength(100);
  });

  test('allows nothing when the limit is zero', async () => {
    await using server = await startAtWindow(dialect);
    expect(await server.context.limiter.take('key', { limit: 0, windowMs: 1000 })).toBe(1);
  });

  test('answers 429 with the time to wait to an address that asks too often', async () => {
    const limits = { perIdentity: 1000, perAddress: 2, newPeersPerHour: 1000 };
    await using server = await startTestServer({ dialect, settings: { limits } });
    const answers = [];
    for (let count = 0; count < 3; count++) answers.push(await fetch(`${server.url}/invites/none/check`));
    expect(answers.map(({ status }) => status === 429)).toEqual([false, false, true]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

test('a limiter in memory keeps no more than a hundred thousand keys', async () => {
  const limiter = createMemoryLimiter(() => 0);
  for (let key = 0; key <= 100_000; key++) await limiter.take(`key ${key}`, { limit: 1, windowMs: 1000 });
  expect(await limiter.take('key 0', { limit: 1, windowMs: 1000 })).toBeUndefined();
  expect(await limiter.take('key 100000', { limit: 1, windowMs: 1000 })).toBe(1);
});

async function startAtWindow(dialect: (typeof DIALECTS)[number]): Promise<TestServer> {
  return startTestServer({ dialect, clock: { now: 1_800_000_000_000 } });
}

async function takeMany({ context }: TestServer, count: number): Promise<(number | undefined)[]> {
  const taken: (number | undefined)[] = [];
  for (let index = 0; index < count; index++) taken.push(await context.limiter.take('key', MINUTE));
  return taken;
}
