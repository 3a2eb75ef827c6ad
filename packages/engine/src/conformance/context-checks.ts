// Several turns, and several sessions: what the model remembers.
import { beginTurn, check, type ConformanceCheck, openSession, runTurn, untilAsked, within } from './engine-harness.ts';
import type { EngineEvent } from '../spec/engine.ts';

export const contextChecks: readonly ConformanceCheck[] = [
  {
    name: 'keeps the context from turn to turn',
    async run(harness) {
      await using session = await openSession(harness);
      harness.answer('Noted.');
      await runTurn(session, 'My colour is teal.');
      harness.answer('Teal.');
      await runTurn(session, 'Which colour?');
      const seen = harness.lastSeen();
      check(seen.includes('My colour is teal.'), 'the model did not see the first turn in the second');
      check(seen.includes('Which colour?'), 'the model did not see the second turn');
    },
  },
  {
    name: 'runs turns one after the other, however they are begun',
    async run(harness) {
      await using session = await openSession(harness);
      harness.answer('First.');
      harness.answer('Second.');
      const order: string[] = [];
      const first = drain(beginTurn(session, 'One'), (event) => order.push(`one ${event.kind}`));
      const second = drain(beginTurn(session, 'Two'), (event) => order.push(`two ${event.kind}`));
      await within(Promise.all([first, second]), 'the end of two turns');
      const change = order.indexOf('one turn_end');
      check(change !== -1 && order.slice(0, change).every((entry) => entry.startsWith('one ')), 'turns were mixed');
      check(order.at(-1) === 'two turn_end', 'the second turn did not end last');
      check(harness.lastSeen().includes('One'), 'the second turn did not see the first');
    },
  },
  {
    name: 'goes on with a session after a restart, when it says that it can',
    async run(harness) {
      const first = await openSession(harness);
      harness.answer('Noted.');
      const { end } = await runTurn(first, 'My colour is teal.');
      await first[Symbol.asyncDispose]();
      const engine = harness.remake();
      await using second = await openSession({ engine, model: harness.model }, { resume: end.session });
      check(second.isResumed === engine.capabilities.resume, `isResumed was ${second.isResumed}`);
      harness.answer('Teal.');
      await runTurn(second, 'Which colour?');
      const isKnown = harness.lastSeen().includes('My colour is teal.');
      check(isKnown === engine.capabilities.resume, 'what the model saw is not what isResumed says');
    },
  },
  {
    name: 'begins anew with a reference that it cannot use, and says so',
    async run(harness) {
      await using session = await openSession(harness, { resume: harness.staleRef });
      check(session.isResumed === false, 'a session that cannot be resumed says that it is');
      harness.answer('Hello.');
      check((await runTurn(session, 'Hello')).text.trim() === 'Hello.', 'the new session does not answer');
    },
  },
  {
    name: 'does not mix sessions',
    async run(harness) {
      await using first = await openSession(harness);
      await using second = await openSession(harness);
      harness.answer('Noted.');
      await runTurn(first, 'My colour is teal.');
      harness.answer('No idea.');
      await runTurn(second, 'Which colour?');
      await untilAsked(harness, 2);
      check(!harness.lastSeen().includes('teal'), 'a session saw what was said in another');
    },
  },
];

async function drain(turn: AsyncIterator<EngineEvent>, take: (event: EngineEvent) => void): Promise<void> {
  for (let next = await turn.next(); next.done !== true; next = await turn.next()) take(next.value);
}
