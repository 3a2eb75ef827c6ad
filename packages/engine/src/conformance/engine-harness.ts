// What the checks need of a test: an engine, and the model behind it in the test's hands.
import { sleep } from '@puffo/base';
import { EngineError } from '../spec/engine-error.ts';
import type {
  Engine,
  EngineEvent,
  EngineFailureClass,
  EngineSession,
  SessionOptions,
  SessionRef,
  TurnInput,
} from '../spec/engine.ts';

export interface ConformanceCheck {
  /** Completes "an engine …". */
  readonly name: string;
  run(harness: EngineHarness): Promise<void>;
}

export interface EngineHarness {
  readonly engine: Engine;
  readonly model: string;
  /** A reference that this engine did not make, or cannot use any more. */
  readonly staleRef: SessionRef;
  /** What `fail` can bring about; at least one class. */
  readonly failures: readonly EngineFailureClass[];
  /** The model's answer to the next turn that has none yet. */
  answer(text: string): void;
  fail(failureClass: EngineFailureClass): void;
  /** The model does not answer the next turn at all. */
  hang(): void;
  /** How often the model was asked. */
  countAsked(): number;
  /** Everything that the model saw from users when it was asked last, in one text. */
  lastSeen(): string;
  /** As after a restart: the same engine made anew. */
  remake(): Engine;
}

const BOUND_MS = 20_000;
const POLL_MS = 5;

export async function openSession(
  { engine, model }: Pick<EngineHarness, 'engine' | 'model'>,
  options: Partial<SessionOptions> = {},
): Promise<EngineSession> {
  return engine.openSession({ systemPrompt: 'Be brief.', model, ...options });
}

export type TurnEnd = Extract<EngineEvent, { readonly kind: 'turn_end' }>;

export interface FinishedTurn {
  readonly events: readonly EngineEvent[];
  readonly end: TurnEnd;
  /** All texts, joined. */
  readonly text: string;
}

let turnCount = 0;

function nextInput(text: string): TurnInput {
  turnCount++;
  return { turnId: `turn-${turnCount}`, text };
}

/** Runs a turn to its end, within bounds. */
export async function runTurn(
  session: EngineSession,
  text: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<FinishedTurn> {
  return within(collectTurn(session.runTurn(nextInput(text), signal)), 'the end of a turn');
}

/** Begins a turn without asking for anything yet. */
export function beginTurn(session: EngineSession, text: string): AsyncIterator<EngineEvent> {
  return session.runTurn(nextInput(text), new AbortController().signal)[Symbol.asyncIterator]();
}

async function collectTurn(turn: AsyncIterable<EngineEvent>): Promise<FinishedTurn> {
  const events: EngineEvent[] = [];
  for await (const event of turn) events.push(event);
  const ends = events.filter((event) => event.kind === 'turn_end');
  const [end] = ends;
  if (end === undefined || ends.length > 1) throw broken(`a turn ended with ${ends.length} turn_end events`);
  const text = events.map((event) => (event.kind === 'text' ? event.text : '')).join('');
  return { events, end, text };
}

export async function within<Value>(work: PromiseLike<Value>, what: string): Promise<Value> {
  const timing = new AbortController();
  const late = sleep(BOUND_MS, timing.signal).then(() => {
    throw broken(`${what} did not come in ${BOUND_MS} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timing.abort();
    // It is stopped on purpose, or has been thrown already.
    late.catch(() => undefined);
  }
}

export async function untilAsked(harness: EngineHarness, count: number): Promise<void> {
  async function poll(): Promise<void> {
    while (harness.countAsked() < count) await sleep(POLL_MS);
  }
  await within(poll(), `question ${count} to the model`);
}

export function check(claim: boolean, problem: string): void {
  if (!claim) throw broken(problem);
}

function broken(problem: string): EngineError {
  return new EngineError(`Cannot call this a conforming engine: ${problem}`, { code: 'not-conforming' });
}
