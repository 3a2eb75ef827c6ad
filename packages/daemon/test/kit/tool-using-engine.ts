// An engine whose turns are functions of the test, which call the tools that the agent offers.
import type { JsonValue } from '@puffo/base';
import {
  createScriptedEngine,
  createSession,
  driverFailure,
  type Engine,
  NO_USAGE,
  type SessionOptions,
  type TurnResult,
} from '@puffo/engine';

interface TurnOfTest {
  readonly text: string;
  /** As the session was opened. */
  readonly session: SessionOptions;
  /** What the tool says; `error: ` before it when it failed. */
  readonly call: (name: string, input: JsonValue) => Promise<string>;
}

/** What it does in a turn is up to the test: returns what it writes, or throws to break off. */
export function engineThat(work: (turn: TurnOfTest) => Promise<string | readonly string[]>): Engine {
  const { capabilities } = createScriptedEngine({ capabilities: { speaksByText: false, hostedTools: true } });
  let calls = 0;
  return {
    name: 'tool-test',
    capabilities,
    openSession: (options) => Promise.resolve(openSession(options)),
  };

  function openSession(session: SessionOptions) {
    return createSession({
      isResumed: false,
      describe: () => ({}),
      close: () => Promise.resolve(),
      async *run({ text }, signal): AsyncGenerator<{ kind: 'text'; text: string }, TurnResult, void> {
        async function call(name: string, input: JsonValue): Promise<string> {
          const callId = `call-${++calls}`;
          const answer = await session.tools?.callTool({ callId, name, input }, signal);
          return `${answer?.isError === true ? 'error: ' : ''}${answer?.text ?? 'no tools'}`;
        }
        try {
          const said = [await work({ text, session, call })].flat();
          for (const part of said) if (part !== '') yield { kind: 'text', text: part };
          return { outcome: { kind: 'ok' }, usage: NO_USAGE };
        } catch {
          const failure = driverFailure('crashed', 'The test breaks it off');
          return { outcome: { kind: 'failed', failure }, usage: NO_USAGE };
        }
      },
    });
  }
}
