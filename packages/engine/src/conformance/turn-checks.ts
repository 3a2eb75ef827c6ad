// One turn for itself: its events, its numbers, its failures.
import type { EngineEvent } from '../spec/engine.ts';
import { beginTurn, check, type ConformanceCheck, openSession, runTurn, untilAsked, within } from './engine-harness.ts';

export const turnChecks: readonly ConformanceCheck[] = [
  {
    name: 'says what the model says, and ends a turn with turn_end and nothing after it',
    async run(harness) {
      harness.answer('Good morning.');
      await using session = await openSession(harness);
      const { events, end, text } = await runTurn(session, 'Hello');
      check(text.trim() === 'Good morning.', `the text of the turn was ${text.length} characters of something else`);
      check(end.outcome.kind === 'ok', `the outcome was ${end.outcome.kind}`);
      check(events.at(-1) === end, 'something came after turn_end');
      check(session.isResumed === false, 'a new session says that it is resumed');
    },
  },
  {
    name: 'says accepted at most once, no empty texts, and ends only tools that have begun',
    async run(harness) {
      harness.answer('Yes.');
      await using session = await openSession(harness);
      const { events } = await runTurn(session, 'Hello');
      check(events.filter(({ kind }) => kind === 'accepted').length <= 1, 'accepted came more than once');
      check(!events.some((event) => event.kind === 'text' && event.text === ''), 'a text was empty');
      check(areToolsInOrder(events), 'a tool ended that had not begun');
    },
  },
  {
    name: 'counts tokens as whole numbers that are not negative',
    async run(harness) {
      harness.answer('Yes.');
      await using session = await openSession(harness);
      const { usage } = (await runTurn(session, 'Hello')).end;
      for (const count of [usage.inputTokens, usage.outputTokens]) {
        check(Number.isSafeInteger(count) && count >= 0, `a token count was ${count}`);
      }
    },
  },
  {
    name: 'reports failures as values, says nothing in them, and goes on afterwards',
    async run(harness) {
      check(harness.failures.length > 0, 'the harness knows no failure');
      await using session = await openSession(harness);
      for (const failureClass of harness.failures) {
        harness.fail(failureClass);
        const { end, text } = await runTurn(session, 'Hello');
        check(end.outcome.kind === 'failed', `the outcome of ${failureClass} was ${end.outcome.kind}`);
        const found = end.outcome.kind === 'failed' ? end.outcome.failure.failureClass : 'none';
        check(found === failureClass, `${failureClass} was taken for ${found}`);
        check(text === '', `a turn that failed with ${failureClass} said something`);
      }
      harness.answer('Better.');
      check((await runTurn(session, 'And now?')).text.trim() === 'Better.', 'the session did not go on after failures');
    },
  },
  {
    name: 'runs nothing before somebody iterates, and stays usable for the next when somebody stops',
    async run(harness) {
      await using session = await openSession(harness);
      beginTurn(session, 'Never asked for');
      harness.answer('One.');
      const left = beginTurn(session, 'Left');
      check((await within(left.next(), 'the first event of a turn')).done !== true, 'a turn said nothing');
      // An engine may say that a turn is accepted before the model is asked.
      await untilAsked(harness, 1);
      await left.return?.();
      check(
        harness.countAsked() === 1,
        `the model was asked ${harness.countAsked()} times, for one turn that was wanted`,
      );
      harness.answer('Two.');
      const { text } = await within(runTurn(session, 'Next'), 'a turn after one that was left');
      check(text.trim() === 'Two.', 'the session did not go on after a turn that was left');
    },
  },
];

function areToolsInOrder(events: readonly EngineEvent[]): boolean {
  const running = new Set<string>();
  for (const event of events) {
    if (event.kind === 'tool_start') running.add(event.callId);
    if (event.kind === 'tool_end' && !running.delete(event.callId)) return false;
  }
  return true;
}
