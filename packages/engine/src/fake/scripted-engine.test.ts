import { expect, test } from 'vitest';
import { EngineError } from '../spec/engine-error.ts';
import type { EngineEvent, EngineSession } from '../spec/engine.ts';
import { createScriptedEngine } from './scripted-engine.ts';
import { scriptedTurns } from './scripted-turns.ts';

const OPTIONS = { systemPrompt: 'Be brief.', model: 'm' };

async function take(session: EngineSession, text: string): Promise<readonly EngineEvent[]> {
  const events: EngineEvent[] = [];
  for await (const event of session.runTurn({ turnId: text, text }, new AbortController().signal)) events.push(event);
  return events;
}

test('a scripted engine replays turns in order and remembers what it was given', async () => {
  const engine = createScriptedEngine({ name: 'fake' });
  engine.script([
    scriptedTurns.toolCall('send_message', { input: { to: 'a' }, text: 'Sent.' }),
    scriptedTurns.silence(),
  ]);
  await using session = await engine.openSession(OPTIONS);
  expect((await take(session, 'One')).map(({ kind }) => kind)).toEqual([
    'accepted',
    'tool_start',
    'tool_end',
    'text',
    'turn_end',
  ]);
  expect(engine.remainingTurns).toBe(1);
  expect((await take(session, 'Two')).map(({ kind }) => kind)).toEqual(['accepted', 'turn_end']);
  expect(engine.turns).toMatchObject([
    { session: 1, systemPrompt: 'Be brief.', model: 'm', input: { turnId: 'One' }, seen: ['One'] },
    { session: 1, input: { text: 'Two' }, seen: ['One', 'Two'] },
  ]);
});

test('a turn that fails has not been accepted, and is not seen by the next', async () => {
  const engine = createScriptedEngine();
  engine.script([scriptedTurns.failure('overloaded', { retryAfterMs: 5 }), scriptedTurns.text('Yes')]);
  await using session = await engine.openSession(OPTIONS);
  expect(await take(session, 'One')).toMatchObject([
    { kind: 'turn_end', outcome: { kind: 'failed', failure: { failureClass: 'overloaded', retryAfterMs: 5 } } },
  ]);
  await take(session, 'Again');
  expect(engine.turns.at(-1)?.seen).toEqual(['Again']);
});

test('a handler answers when the script is empty, and without one the turn fails and says why', async () => {
  const engine = createScriptedEngine();
  await using session = await engine.openSession(OPTIONS);
  expect(await take(session, 'One')).toMatchObject([
    { outcome: { failure: { failureClass: 'protocol', detail: expect.stringContaining('exhausted') } } },
  ]);
  engine.respond(({ input }) => scriptedTurns.text(`You said ${input.text}`));
  expect((await take(session, 'Two'))[1]).toEqual({ kind: 'text', text: 'You said Two' });
});

test('a turn waits for what the test decides', async () => {
  const engine = createScriptedEngine();
  let open: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    open = resolve;
  });
  engine.script([
    {
      steps: [
        { kind: 'wait', until },
        { kind: 'text', text: 'Now' },
      ],
    },
  ]);
  await using session = await engine.openSession(OPTIONS);
  const turn = session.runTurn({ turnId: 't', text: 'x' }, new AbortController().signal)[Symbol.asyncIterator]();
  expect((await turn.next()).value).toEqual({ kind: 'accepted' });
  let isThere = false;
  const next = turn.next().then((result) => {
    isThere = true;
    return result;
  });
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(isThere).toBe(false);
  open();
  expect((await next).value).toEqual({ kind: 'text', text: 'Now' });
});

test('sessions are refused as long as the test says so, and are known to be closed', async () => {
  const engine = createScriptedEngine();
  engine.refuseSessions(new EngineError('Cannot start: it is not installed', { code: 'unavailable' }));
  await expect(engine.openSession(OPTIONS)).rejects.toMatchObject({ code: 'unavailable' });
  engine.refuseSessions(undefined);
  const session = await engine.openSession(OPTIONS);
  expect(engine.sessions).toMatchObject([{ isResumed: false, isClosed: false, options: OPTIONS }]);
  await session[Symbol.asyncDispose]();
  expect(engine.sessions[0]?.isClosed).toBe(true);
});
