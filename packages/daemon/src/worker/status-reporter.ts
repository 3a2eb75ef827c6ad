// What the server is told of how the agent is: beats, and the start and end of work on each message. Best effort: every
// function returns at once, and no failure reaches a turn. spec: wire-protocol 11
import { type Logger, type Random, sleep as sleepInTime } from '@puffo/base';
import type { HttpClient } from '@puffo/client';
import { createRunId, type EnvelopeId, LIMITS, type RunId } from '@puffo/protocol';
import { type Beat, createReportCalls, type Run } from './report-calls.ts';
import { createReportQueue, type Report } from './report-queue.ts';
import { spreadDelay } from './spread-delay.ts';
import { createWakeablePause, type Sleep } from './wakeable-pause.ts';

export interface StatusReporter extends AsyncDisposable {
  /** The agent listens: the first beat goes out. */
  start(): void;
  /** Each call begins a fresh run for each of the messages. */
  turnStarted(turnId: string, messageIds: readonly EnvelopeId[]): void;
  turnEnded(turnId: string, end: TurnEnd): void;
  /** The agent does not listen. In plain words, for people: no internals. */
  failed(errorText: string): void;
  /** What `failed` said is over. */
  recovered(): void;
}

export interface TurnEnd {
  readonly messageIds: readonly EnvelopeId[];
  readonly succeeded: boolean;
  /** In plain words, for people: no internals. */
  readonly errorText?: string | undefined;
}

export interface StatusReporterOptions {
  readonly http: Pick<HttpClient, 'call'>;
  readonly random: Random;
  readonly logger: Logger;
  /** Default: 60 s. Never more often than the server takes it. */
  readonly beatMs?: number | undefined;
  readonly sleep?: Sleep | undefined;
}

const BEAT_MS = 60_000;
/** The server refuses beats that follow another report more closely. */
const OWED_BEAT_MS = LIMITS.heartbeatIntervalMs + 2000;
/** Of the time between two beats; they are not all as long. */
const EARLIEST = 0.85;
const QUEUE_CAPACITY = 200;
/** A shutdown tells that turns are over, and does not wait for a server that is gone. */
const CLOSE_MS = 1500;
/** Turns are serial: more than one open is the trace of an end that never came. */
const MAX_OPEN_TURNS = 16;

/** What the server knows from runs. Changed by calls that succeeded, and by nothing else. */
type Work =
  | { readonly status: 'idle' }
  | { readonly status: 'busy'; readonly messageId: EnvelopeId }
  | { readonly status: 'error' };

export function createStatusReporter(options: StatusReporterOptions): StatusReporter {
  const { http, random, logger, beatMs = BEAT_MS, sleep = sleepInTime } = options;
  const calls = createReportCalls({ http, logger });
  const queue = createReportQueue({ capacity: QUEUE_CAPACITY, closeMs: CLOSE_MS, logger, sleep });
  const pause = createWakeablePause(sleep);
  const runs = createOpenRuns(random);
  const beat: Report = { isExpendable: false, send: sendBeat };
  let work: Work = { status: 'idle' };
  let problem: string | undefined;
  /** The server knows of `problem`, or that there is none any more, only after another beat. */
  let isBeatOwed = false;
  let beating: Promise<void> | undefined;

  function noteWork(next: Work): void {
    work = next;
    // The report of the run took the place of the problem.
    isBeatOwed = problem !== undefined;
  }

  async function sendBeat(signal: AbortSignal): Promise<void> {
    const told = problem;
    const isTold = await calls.beat(beatOf({ work, problem, isBeatOwed }), signal);
    if (isTold && told === problem) isBeatOwed = false;
  }

  async function beatUntilEnded(): Promise<void> {
    while (!pause.isEnded) {
      queue.add(beat);
      const delayMs = Math.max(isBeatOwed ? OWED_BEAT_MS : beatMs, LIMITS.heartbeatIntervalMs);
      const fromMs = Math.max(delayMs * EARLIEST, LIMITS.heartbeatIntervalMs);
      await pause.wait(spreadDelay({ fromMs, toMs: delayMs }, random));
    }
  }

  function beatSoon(): void {
    isBeatOwed = true;
    if (beating === undefined) queue.add(beat);
    else pause.wake();
  }

  return {
    start() {
      if (!pause.isEnded) beating ??= beatUntilEnded();
    },
    turnStarted(turnId, messageIds) {
      for (const run of runs.open(turnId, messageIds)) {
        async function send(signal: AbortSignal): Promise<void> {
          if (await calls.startRun(run, signal)) noteWork({ status: 'busy', messageId: run.messageId });
        }
        // An end without its start is a closed run: it says enough.
        queue.add({ isExpendable: true, send });
      }
    },
    turnEnded(turnId, { messageIds, succeeded, errorText }) {
      const ended = runs.close(turnId, messageIds);
      const text = succeeded || errorText === undefined ? {} : { error_text: cutText(errorText) };
      for (let at = 0; at < ended.length; at += LIMITS.runsPerBatch) {
        const batch = ended.slice(at, at + LIMITS.runsPerBatch);
        async function send(signal: AbortSignal): Promise<void> {
          const isTaken = await calls.endRuns(batch, { succeeded, ...text }, signal);
          if (isTaken) noteWork({ status: succeeded ? 'idle' : 'error' });
        }
        queue.add({ isExpendable: false, send });
      }
    },
    failed(errorText) {
      problem = cutText(errorText);
      beatSoon();
    },
    recovered() {
      if (problem === undefined) return;
      problem = undefined;
      beatSoon();
    },
    async [Symbol.asyncDispose]() {
      pause.end();
      await beating;
      await queue[Symbol.asyncDispose]();
    },
  };
}

interface OpenRuns {
  open(turnId: string, messageIds: readonly EnvelopeId[]): readonly Run[];
  /** A message that joined the turn later gets a run of its own. */
  close(turnId: string, messageIds: readonly EnvelopeId[]): readonly Run[];
}

function createOpenRuns(random: Random): OpenRuns {
  const byTurn = new Map<string, ReadonlyMap<EnvelopeId, RunId>>();
  return {
    open(turnId, messageIds) {
      const opened = new Map(messageIds.map((messageId) => [messageId, createRunId(random)]));
      byTurn.set(turnId, opened);
      const [oldest] = byTurn.keys();
      if (byTurn.size > MAX_OPEN_TURNS && oldest !== undefined) byTurn.delete(oldest);
      return Array.from(opened, ([messageId, runId]) => ({ messageId, runId }));
    },
    close(turnId, messageIds) {
      const opened = byTurn.get(turnId);
      byTurn.delete(turnId);
      return messageIds.map((messageId) => ({ messageId, runId: opened?.get(messageId) ?? createRunId(random) }));
    },
  };
}

interface BeatFacts {
  readonly work: Work;
  readonly problem: string | undefined;
  readonly isBeatOwed: boolean;
}

/** An error has its text once: the server keeps it. */
function beatOf({ work, problem, isBeatOwed }: BeatFacts): Beat {
  if (problem !== undefined) return isBeatOwed ? { status: 'error', error_text: problem } : { status: 'error' };
  return work.status === 'busy' ? { status: 'busy', current_message_id: work.messageId } : { status: work.status };
}

/** Never half of a character. */
function cutText(text: string): string {
  if (text.length <= LIMITS.errorTextCharacters) return text;
  const cut = text.slice(0, LIMITS.errorTextCharacters);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
