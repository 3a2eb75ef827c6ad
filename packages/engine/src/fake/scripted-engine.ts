// An engine for tests of those who use engines: replays what it is told turn by turn and remembers what it was given.
// spec: runtimes 10.6
import { isJsonArray, isJsonObject, type JsonValue } from '@puffo/base';
import { createSession, NO_USAGE, type TurnEvent, type TurnResult } from '../session/create-session.ts';
import { driverFailure } from '../spec/driver-failure.ts';
import type { EngineError } from '../spec/engine-error.ts';
import type {
  Engine,
  EngineCapabilities,
  EngineSession,
  SessionOptions,
  SessionRef,
  TurnInput,
  TurnOutcome,
  Usage,
} from '../spec/engine.ts';

export type ScriptedStep =
  | TurnEvent
  /** Nothing more until the turn is cancelled. */
  | { readonly kind: 'hang' }
  /** Nothing more until the test lets it. */
  | { readonly kind: 'wait'; readonly until: PromiseLike<unknown> };

export interface ScriptedTurn {
  /** `accepted` is said first without being named here; a turn that is not accepted says so with `isAccepted`. */
  readonly steps: readonly ScriptedStep[];
  readonly isAccepted?: boolean;
  /** Default: ok. */
  readonly outcome?: TurnOutcome;
  readonly usage?: Usage;
}

export interface RecordedTurn {
  /** 1 for the first session of this engine. */
  readonly session: number;
  readonly systemPrompt: string;
  readonly model: string;
  readonly input: TurnInput;
  /** Inputs that the session had accepted before, this one included: what a model would see. */
  readonly seen: readonly string[];
}

export interface RecordedSession {
  readonly options: SessionOptions;
  readonly isResumed: boolean;
  readonly isClosed: boolean;
}

export interface ScriptedEngineOptions {
  readonly name?: string;
  readonly capabilities?: Partial<EngineCapabilities>;
}

export interface ScriptedEngine extends Engine {
  /** In the order of their beginning. */
  readonly turns: readonly RecordedTurn[];
  readonly sessions: readonly RecordedSession[];
  readonly remainingTurns: number;
  /** Appends turns; each is played once. A turn that finds none fails with `protocol` and says so. */
  script(turns: readonly ScriptedTurn[]): void;
  /** Plays turns that find the script empty. */
  respond(handler: (turn: RecordedTurn) => ScriptedTurn): void;
  /** Opening sessions fails with `error`, until it is called with `undefined`. */
  refuseSessions(error: EngineError | undefined): void;
}

const CAPABILITIES: EngineCapabilities = {
  resume: true,
  cancel: true,
  steer: false,
  permissions: false,
  compact: false,
  hostedTools: false,
  speaksByText: true,
};

interface ScriptState {
  readonly turns: RecordedTurn[];
  readonly sessions: RecordedSession[];
  readonly waiting: ScriptedTurn[];
  handler: ((turn: RecordedTurn) => ScriptedTurn) | undefined;
}

export function createScriptedEngine({
  name = 'scripted',
  capabilities = {},
}: ScriptedEngineOptions = {}): ScriptedEngine {
  const state: ScriptState = { turns: [], sessions: [], waiting: [], handler: undefined };
  const abilities = { ...CAPABILITIES, ...capabilities };
  let refusal: EngineError | undefined;
  return {
    name,
    capabilities: abilities,
    get turns() {
      return state.turns;
    },
    get sessions() {
      return state.sessions;
    },
    get remainingTurns() {
      return state.waiting.length;
    },
    script(turns) {
      state.waiting.push(...turns);
    },
    respond(handler) {
      state.handler = handler;
    },
    refuseSessions(error) {
      refusal = error;
    },
    async openSession(options) {
      if (refusal !== undefined) throw refusal;
      return openScripted(state, { options, resumed: abilities.resume ? readRef(options.resume) : undefined });
    },
  };
}

interface Opening {
  readonly options: SessionOptions;
  readonly resumed: readonly string[] | undefined;
}

function openScripted(state: ScriptState, { options, resumed }: Opening): EngineSession {
  const seen = [...(resumed ?? [])];
  const index = state.sessions.length;
  const isResumed = resumed !== undefined;
  state.sessions.push({ options, isResumed, isClosed: false });

  async function* run(input: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
    const { systemPrompt, model } = options;
    const recorded = { session: index + 1, systemPrompt, model, input, seen: [...seen, input.text] };
    state.turns.push(recorded);
    const turn = state.waiting.shift() ?? state.handler?.(recorded) ?? EXHAUSTED;
    if (turn.isAccepted ?? true) {
      seen.push(input.text);
      yield { kind: 'accepted' };
    }
    return yield* playTurn(turn, signal);
  }

  return createSession({
    isResumed,
    run,
    describe: () => ({ scripted: 1, seen: [...seen] }),
    async close() {
      state.sessions[index] = { options, isResumed, isClosed: true };
    },
  });
}

const EXHAUSTED: ScriptedTurn = {
  steps: [],
  isAccepted: false,
  outcome: {
    kind: 'failed',
    failure: driverFailure('protocol', 'Cannot play a turn: the script is exhausted; script a turn for this input'),
  },
};

async function* playTurn(turn: ScriptedTurn, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
  const { steps, outcome = { kind: 'ok' }, usage = NO_USAGE } = turn;
  for (const step of steps) {
    if (signal.aborted) break;
    if (step.kind === 'hang') await untilAborted(signal);
    else if (step.kind === 'wait') await Promise.race([step.until, untilAborted(signal)]);
    else yield step;
  }
  return { outcome: signal.aborted ? { kind: 'cancelled' } : outcome, usage };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function readRef(ref: SessionRef | undefined): readonly string[] | undefined {
  if (!isJsonObject(ref) || ref['scripted'] !== 1) return undefined;
  const seen = ref['seen'] ?? null;
  return isJsonArray(seen) && seen.every(isText) ? seen : undefined;
}

function isText(value: JsonValue): value is string {
  return typeof value === 'string';
}
