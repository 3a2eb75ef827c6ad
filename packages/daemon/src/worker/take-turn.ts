// One turn of the engine, from its events to one result. An engine that says nothing for too long is ended: silence is measured,
// not duration. spec: runtimes 2.9, daemon-and-cli D-46
import type { FailureClass } from '@puffo/agent';
import { type JsonValue, sleep } from '@puffo/base';
import type { EngineSession, TurnInput, TurnOutcome, Usage } from '@puffo/engine';

export interface EngineTurn {
  readonly outcome:
    | { readonly kind: 'ok' }
    | {
        readonly kind: 'failed';
        readonly failureClass: FailureClass;
        readonly retryAfterMs: number | undefined;
        /** For the log. */
        readonly detail: string;
      };
  readonly texts: readonly string[];
  readonly toolCalls: number;
  readonly usage: Usage;
  /** `undefined`: it never got so far. */
  readonly session: JsonValue | undefined;
}

export interface TakeTurnOptions {
  readonly input: TurnInput;
  /** Ends the turn: the agent stops. */
  readonly signal: AbortSignal;
  /** ms without any event. */
  readonly silenceMs: number;
}

const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0 };

export async function takeTurn(session: EngineSession, options: TakeTurnOptions): Promise<EngineTurn> {
  const { input, signal, silenceMs } = options;
  const silence = createSilenceWatch(silenceMs);
  const texts: string[] = [];
  let toolCalls = 0;
  try {
    for await (const event of session.runTurn(input, AbortSignal.any([signal, silence.signal]))) {
      silence.heard();
      if (event.kind === 'text') texts.push(event.text);
      if (event.kind === 'tool_start') toolCalls++;
      if (event.kind !== 'turn_end') continue;
      const { usage, session: ref } = event;
      return { outcome: outcomeOf(event.outcome, silence.signal), texts, toolCalls, usage, session: ref };
    }
  } finally {
    silence.end();
  }
  const detail = 'the driver ended a turn without saying so';
  const outcome = { kind: 'failed', failureClass: 'protocol', retryAfterMs: undefined, detail } as const;
  return { outcome, texts, toolCalls, usage: NO_USAGE, session: undefined };
}

function outcomeOf(outcome: TurnOutcome, silence: AbortSignal): EngineTurn['outcome'] {
  switch (outcome.kind) {
    case 'ok':
      return outcome;
    case 'failed': {
      const { failureClass, retryAfterMs, detail } = outcome.failure;
      return { kind: 'failed', failureClass, retryAfterMs, detail };
    }
    case 'cancelled': {
      const failureClass = silence.aborted ? 'timeout' : 'cancelled';
      return { kind: 'failed', failureClass, retryAfterMs: undefined, detail: failureClass };
    }
  }
}

interface SilenceWatch {
  readonly signal: AbortSignal;
  heard(): void;
  end(): void;
}

function createSilenceWatch(silenceMs: number): SilenceWatch {
  const silent = new AbortController();
  let timer = new AbortController();

  function start(): void {
    timer = new AbortController();
    // It rejects only when something was heard.
    sleep(silenceMs, timer.signal).then(
      () => silent.abort(),
      () => undefined,
    );
  }

  start();
  return {
    signal: silent.signal,
    heard() {
      timer.abort();
      start();
    },
    end: () => timer.abort(),
  };
}
