// Calling off and closing, at any time.
import { check, type ConformanceCheck, openSession, runTurn, untilAsked, within } from './engine-harness.ts';

export const endingChecks: readonly ConformanceCheck[] = [
  {
    name: 'ends a running turn as cancelled when its signal says so, and goes on afterwards',
    async run(harness) {
      await using session = await openSession(harness);
      harness.hang();
      const abort = new AbortController();
      const running = runTurn(session, 'Take your time', abort.signal);
      await untilAsked(harness, 1);
      abort.abort();
      const { end, text } = await running;
      check(end.outcome.kind === 'cancelled', `the outcome was ${end.outcome.kind}`);
      check(text === '', 'a cancelled turn said something');
      harness.answer('Here.');
      check((await runTurn(session, 'Still there?')).text.trim() === 'Here.', 'the session did not go on');
    },
  },
  {
    name: 'asks nothing when a turn is called off before it begins',
    async run(harness) {
      await using session = await openSession(harness);
      const { end } = await runTurn(session, 'Forget it', AbortSignal.abort());
      check(end.outcome.kind === 'cancelled', `the outcome was ${end.outcome.kind}`);
      check(harness.countAsked() === 0, 'the model was asked');
    },
  },
  {
    name: 'calls off a turn that waits, while the one before runs on',
    async run(harness) {
      await using session = await openSession(harness);
      harness.hang();
      const [first, second] = [new AbortController(), new AbortController()];
      const running = runTurn(session, 'First', first.signal);
      await untilAsked(harness, 1);
      const waiting = runTurn(session, 'Second', second.signal);
      second.abort();
      check((await waiting).end.outcome.kind === 'cancelled', 'a waiting turn was not cancelled');
      harness.answer('Third.');
      const third = runTurn(session, 'Third');
      check(harness.countAsked() === 1, 'a turn began before the one in front had ended');
      first.abort();
      await running;
      check((await third).text.trim() === 'Third.', 'the turn behind them did not run');
      check(!harness.lastSeen().includes('Second'), 'the model saw a turn that was called off');
    },
  },
  {
    name: 'closes twice as well as once, within bounds, and ends what runs',
    async run(harness) {
      const session = await openSession(harness);
      harness.hang();
      const running = runTurn(session, 'Take your time');
      await untilAsked(harness, 1);
      await within(session[Symbol.asyncDispose](), 'the end of closing');
      check((await running).end.outcome.kind === 'cancelled', 'the running turn was not cancelled');
      await within(session[Symbol.asyncDispose](), 'the end of closing again');
    },
  },
  {
    name: 'fails turns of a closed session with bad_session, and opens new ones',
    async run(harness) {
      const session = await openSession(harness);
      await session[Symbol.asyncDispose]();
      const { outcome } = (await runTurn(session, 'Hello')).end;
      const found = outcome.kind === 'failed' ? outcome.failure.failureClass : outcome.kind;
      check(found === 'bad_session', `a closed session answers with ${found}`);
      await using another = await openSession(harness);
      harness.answer('Hello.');
      check((await runTurn(another, 'Hello')).end.outcome.kind === 'ok', 'a new session does not work');
    },
  },
];
