// What every session owes its caller, so that a driver only says what happens in a turn: turns one after the other, exactly one
// `turn_end`, nothing thrown, an end at any time. spec: runtimes 2.9
import { driverFailure } from '../spec/driver-failure.ts';
import type { EngineEvent, EngineSession, SessionRef, TurnInput, TurnOutcome, Usage } from '../spec/engine.ts';
import { createTurnLane } from './turn-lane.ts';

export type TurnEvent = Exclude<EngineEvent, { readonly kind: 'turn_end' }>;

export interface TurnResult {
  readonly outcome: TurnOutcome;
  readonly usage: Usage;
}

export interface SessionDriver {
  readonly isResumed: boolean;
  /** Ends soon after `signal` is aborted, with whatever outcome: the caller hears `cancelled`. */
  run(input: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void>;
  /** What the session is now. */
  describe(): SessionRef;
  /** Called once, when the running turn has been told to end. */
  close(): Promise<void>;
}

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0 };

export function createSession(driver: SessionDriver): EngineSession {
  const lane = createTurnLane();
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  async function* runTurn(input: TurnInput, signal: AbortSignal): AsyncGenerator<EngineEvent, void, void> {
    if (closing.signal.aborted) {
      yield endTurn(driver, closedResult());
      return;
    }
    const leaving = new AbortController();
    const stop = AbortSignal.any([signal, closing.signal, leaving.signal]);
    const leave = await lane.enter(stop);
    if (leave === undefined) {
      yield endTurn(driver, CANCELLED);
      return;
    }
    try {
      const result = yield* runSafely(driver, { input, signal: stop });
      // Before the last event: nobody has to ask for more after it.
      leave();
      yield endTurn(driver, result);
    } finally {
      leaving.abort();
      leave();
    }
  }

  return {
    isResumed: driver.isResumed,
    runTurn,
    [Symbol.asyncDispose]() {
      closing.abort();
      closed ??= driver.close();
      return closed;
    },
  };
}

const CANCELLED: TurnResult = { outcome: { kind: 'cancelled' }, usage: NO_USAGE };

function closedResult(): TurnResult {
  const failure = driverFailure('bad_session', 'Cannot run a turn: the session is closed');
  return { outcome: { kind: 'failed', failure }, usage: NO_USAGE };
}

function endTurn(driver: SessionDriver, { outcome, usage }: TurnResult): EngineEvent {
  return { kind: 'turn_end', outcome, usage, session: driver.describe() };
}

interface StartedTurn {
  readonly input: TurnInput;
  readonly signal: AbortSignal;
}

async function* runSafely(
  driver: SessionDriver,
  { input, signal }: StartedTurn,
): AsyncGenerator<TurnEvent, TurnResult, void> {
  if (signal.aborted) return CANCELLED;
  try {
    const result = yield* driver.run(input, signal);
    // A turn that came to its end just before it was called off has happened.
    return signal.aborted && result.outcome.kind === 'failed' ? { ...CANCELLED, usage: result.usage } : result;
  } catch (error) {
    // A defect of the driver. Its message may quote anything; its kind does not.
    if (signal.aborted) return CANCELLED;
    const kind = error instanceof Error ? error.name : typeof error;
    const failure = driverFailure('crashed', `Cannot finish the turn: the driver failed with ${kind}`);
    return { outcome: { kind: 'failed', failure }, usage: NO_USAGE };
  }
}
