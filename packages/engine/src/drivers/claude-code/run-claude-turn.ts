// One turn of Claude Code: from the frame that says the input to the result that belongs to it. What belongs to other turns, which
// the CLI begins by itself, is only a sign of life. spec: runtimes 5.6, 5.8, 10.2.4
import { createAsyncQueue, sleep } from '@puffo/base';
import { createSilenceWatch } from '../../program/silence-watch.ts';
import { NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure } from '../../spec/engine.ts';
import type { ClaudeProcess } from './claude-process.ts';
import { classifyResult, type TurnHints } from './classify-result.ts';
import type { AssistantMessage, ClaudeFrame, ResultFacts, ToolResultFact } from './read-frame.ts';

export interface ClaudeTurn {
  readonly process: ClaudeProcess;
  readonly uuid: string;
  readonly text: string;
  readonly silenceMs: number;
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
  /** Inputs that were added to this turn and that the CLI has not taken yet. */
  readonly added: Set<string>;
  onSession(sessionId: string): void;
  /** Ends the process: nobody knows what it is at. */
  drop(): Promise<void>;
}

/** More than a program says while its reader looks away. */
const MAX_WAITING = 20_000;

export async function* runClaudeTurn(turn: ClaudeTurn): AsyncGenerator<TurnEvent, TurnResult, void> {
  const { process, uuid, signal } = turn;
  const frames = createAsyncQueue<ClaudeFrame>(MAX_WAITING);
  const progress: TurnProgress = { isOurs: false, running: new Set(), hints: {} };
  const ending = createTurnEnding(turn);
  using silence = createSilenceWatch({
    silenceMs: turn.silenceMs,
    isWaiting: () => process.isWaiting(),
    onSilence: () => ending.interrupt('timeout'),
  });
  const ignore = process.listen((frame) => {
    silence.touch();
    if (!frames.add(frame)) ending.interrupt('protocol');
  });
  void process.ended.then(() => frames.end());
  function onAbort(): void {
    ending.interrupt('cancelled');
  }
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    // When it fails, the program has ended, and so do the frames.
    await process.say(withoutCommand(turn.text), uuid).catch(() => undefined);
    const result = yield* readTurn(frames, { turn, progress, ending });
    ending.resolve();
    return toTurnResult(result, { turn, progress, ending });
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Somebody stopped listening in the middle.
    if (!ending.isOver) {
      ending.interrupt('cancelled');
      await drain(frames, { turn, progress, ending });
    }
    // What it has not begun with would become a turn of its own.
    if (turn.added.size > 0 || !progress.isOurs) void turn.drop();
    process.cancelQuestions();
    ignore();
  }
}

/** A text that begins with a slash is a command to the CLI: `/clear` would wipe the session. */
function withoutCommand(text: string): string {
  return text.trimStart().startsWith('/') ? `Message:\n${text}` : text;
}

/** What is known of a turn while it runs. */
interface TurnProgress {
  isOurs: boolean;
  hints: TurnHints;
  readonly running: Set<string>;
}

interface Reading {
  readonly turn: ClaudeTurn;
  readonly progress: TurnProgress;
  readonly ending: TurnEnding;
}

/** `undefined`: the program has ended before. */
async function* readTurn(
  frames: AsyncIterable<ClaudeFrame>,
  reading: Reading,
): AsyncGenerator<TurnEvent, ResultFacts | undefined, void> {
  const { turn } = reading;
  for await (const frame of frames) {
    if (frame.kind === 'result' && isLast(frame.result, reading)) return frame.result;
    if (frame.kind === 'init') turn.onSession(frame.sessionId);
    if (frame.kind === 'replay') turn.added.delete(frame.uuid);
    yield* tell(frame, reading);
  }
  return undefined;
}

/** What a frame is to those who follow the turn. */
function* tell(frame: ClaudeFrame, { turn, progress }: Reading): Generator<TurnEvent, void, void> {
  if (frame.kind === 'replay' && frame.uuid === turn.uuid) {
    progress.isOurs = true;
    yield { kind: 'accepted' };
  }
  if (frame.kind === 'retry') {
    progress.hints = { ...progress.hints, lastRetry: { error: frame.error, status: frame.status } };
    yield { kind: 'progress' };
  }
  // Before that it is another turn, or the model has not even been asked.
  if (!progress.isOurs) return;
  if (frame.kind === 'assistant') yield* tellMessage(frame.message, progress);
  else if (frame.kind === 'tool_results') yield* tellResults(frame.results, progress);
  else if (frame.kind === 'other') yield { kind: 'progress' };
}

function* tellResults(results: readonly ToolResultFact[], { running }: TurnProgress): Generator<TurnEvent, void, void> {
  for (const { callId, isError } of results) {
    if (running.delete(callId)) yield { kind: 'tool_end', callId, isError };
  }
}

function isLast({ terminalReason }: ResultFacts, { turn, progress, ending }: Reading): boolean {
  // Interrupted before it had begun, a turn has a result and no replay.
  if (ending.isInterrupted) return progress.isOurs || terminalReason.startsWith('aborted');
  // What was added too late for this answer gets one of its own, in the same turn.
  return progress.isOurs && turn.added.size === 0;
}

function* tellMessage(message: AssistantMessage, progress: TurnProgress): Generator<TurnEvent, void, void> {
  if (message.error !== undefined) progress.hints = { ...progress.hints, errorWord: message.error };
  for (const block of message.blocks) {
    if (block.kind === 'tool_use') {
      progress.running.add(block.callId);
      yield { kind: 'tool_start', callId: block.callId, name: block.name, input: block.input };
    } else if (!message.isOfSubagent && !message.isSynthetic && message.error === undefined && block.text !== '') {
      yield { kind: 'text', text: block.text };
    }
  }
  yield { kind: 'progress' };
}

type Interruption = 'cancelled' | 'timeout' | 'protocol';

interface TurnEnding {
  readonly isInterrupted: boolean;
  readonly isOver: boolean;
  readonly reason: Interruption | undefined;
  interrupt(reason: Interruption): void;
  resolve(): void;
}

const INTERRUPT_MS = 10_000;
const REPEAT_MS = 1000;

function createTurnEnding({ process, drop }: ClaudeTurn): TurnEnding {
  const over = new AbortController();
  let reason: Interruption | undefined;

  async function insist(): Promise<void> {
    process.cancelQuestions();
    for (let waitedMs = 0; waitedMs < INTERRUPT_MS && !over.signal.aborted; waitedMs += REPEAT_MS) {
      // Again: a turn of the program's own may have been in front of ours.
      void process.control({ subtype: 'interrupt' }).catch(() => undefined);
      await sleep(REPEAT_MS, over.signal).catch(() => undefined);
    }
    if (over.signal.aborted || process.hasEnded) return;
    await drop();
  }

  return {
    get isInterrupted() {
      return reason !== undefined;
    },
    get isOver() {
      return over.signal.aborted;
    },
    get reason() {
      return reason;
    },
    interrupt(why) {
      if (reason !== undefined || over.signal.aborted) return;
      reason = why;
      void insist();
    },
    resolve: () => over.abort(),
  };
}

async function drain(frames: AsyncIterable<ClaudeFrame>, reading: Reading): Promise<void> {
  const events = readTurn(frames, reading);
  for (let next = await events.next(); next.done !== true; next = await events.next());
  reading.ending.resolve();
}

function toTurnResult(result: ResultFacts | undefined, reading: Reading): TurnResult {
  const { inputTokens, outputTokens } = result ?? NO_USAGE;
  const usage = { inputTokens, outputTokens };
  const failure = findFailure(result, reading);
  if (failure === undefined) return { outcome: { kind: 'ok' }, usage };
  if (reading.ending.reason === 'cancelled') return { outcome: { kind: 'cancelled' }, usage };
  return { outcome: { kind: 'failed', failure }, usage };
}

function findFailure(result: ResultFacts | undefined, { turn, progress, ending }: Reading): EngineFailure | undefined {
  const { secrets, process, silenceMs } = turn;
  const failure = result === undefined ? undefined : classifyResult(result, progress.hints, secrets);
  if (result !== undefined && failure === undefined) return undefined;
  if (ending.reason === 'timeout') {
    return driverFailure('timeout', `Claude Code said nothing for ${silenceMs} ms and was interrupted`);
  }
  if (ending.reason === 'protocol') {
    return driverFailure('protocol', `Claude Code said more than ${MAX_WAITING} things that nobody took`);
  }
  if (failure !== undefined) return failure;
  return driverFailure('crashed', `Claude Code ended in the middle of a turn: ${process.stderrTail()}`, { secrets });
}
