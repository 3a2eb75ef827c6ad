import { describe, expect, test } from 'vitest';
import type { EngineEvent } from '../spec/engine.ts';
import { createSession, NO_USAGE, type SessionDriver } from './create-session.ts';

const INPUT = { turnId: 't', text: 'Hello' };

async function collect(driver: Partial<SessionDriver>, signal = new AbortController().signal) {
  const session = createSession({
    isResumed: false,
    async *run() {
      yield { kind: 'accepted' };
      return { outcome: { kind: 'ok' }, usage: NO_USAGE };
    },
    describe: () => 'here',
    close: () => Promise.resolve(),
    ...driver,
  });
  const events: EngineEvent[] = [];
  for await (const event of session.runTurn(INPUT, signal)) events.push(event);
  return events;
}

describe('a session', () => {
  test('ends a turn with what the driver returns, and the reference of that moment', async () => {
    let ref = 'before';
    const events = await collect({
      async *run() {
        yield { kind: 'accepted' };
        ref = 'after';
        return { outcome: { kind: 'ok' }, usage: { inputTokens: 1, outputTokens: 2 } };
      },
      describe: () => ref,
    });
    expect(events).toEqual([
      { kind: 'accepted' },
      { kind: 'turn_end', outcome: { kind: 'ok' }, usage: { inputTokens: 1, outputTokens: 2 }, session: 'after' },
    ]);
  });

  test('turns what a driver throws into a crash, without its words', async () => {
    const events = await collect({
      // oxlint-disable-next-line require-yield
      async *run() {
        throw new TypeError('The key is sk-123');
      },
    });
    expect(events).toMatchObject([
      { kind: 'turn_end', outcome: { kind: 'failed', failure: { failureClass: 'crashed' } } },
    ]);
    expect(JSON.stringify(events)).toContain('TypeError');
    expect(JSON.stringify(events)).not.toContain('sk-123');
  });

  test('closes its driver once, however often it is closed', async () => {
    let closed = 0;
    const session = createSession({
      isResumed: true,
      // oxlint-disable-next-line require-yield
      async *run() {
        return { outcome: { kind: 'ok' }, usage: NO_USAGE };
      },
      describe: () => null,
      async close() {
        closed++;
      },
    });
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    expect(closed).toBe(1);
  });

  test.each([
    ['fails', { kind: 'failed', failure: { failureClass: 'network', detail: 'Gone' } }, 'cancelled'],
    ['has come to its end', { kind: 'ok' }, 'ok'],
  ] as const)('that is called off while a turn %s tells what happened', async (_, outcome, expected) => {
    const abort = new AbortController();
    const events = await collect(
      {
        async *run() {
          yield { kind: 'accepted' };
          abort.abort();
          return { outcome, usage: NO_USAGE };
        },
      },
      abort.signal,
    );
    expect(events.at(-1)).toMatchObject({ kind: 'turn_end', outcome: { kind: expected } });
  });
});
