// What `runtime.json` says, as far as it is still true. spec: daemon-and-cli 1.7, D-29
import { isJsonObject, type JsonValue } from '@puffo/base/light';
import type { AgentPaths } from '../home/home.ts';
import {
  currentStatus,
  type Freshness,
  isFresh,
  readRuntimeRecord,
  type RuntimeRecord,
} from '../home/runtime-record.ts';
import { describeOutcome } from './describe-outcome.ts';

export interface RuntimeSummary {
  /** What the record is worth now: its status, or `stale`. */
  readonly status: string;
  readonly recordedStatus: string;
  readonly health: string;
  readonly msgCount: number;
  /** s; absent unless a worker runs. */
  readonly uptimeSeconds: number | undefined;
  /** s, 0: never. */
  readonly lastEventAt: number;
  /** s */
  readonly updatedAt: number;
  readonly error: string;
  /** `online` and others; absent unless a worker runs that says so: 0.7.2 does not. */
  readonly phase: string | undefined;
  /** s */
  readonly connectedAt: number | undefined;
  /** s */
  readonly lastErrorAt: number | undefined;
  /** s */
  readonly nextRetryAt: number | undefined;
  readonly messagesWaiting: number | undefined;
  readonly messagesFailed: number | undefined;
  /** Absent when the record is of another day. */
  readonly tokensToday: { readonly input: number; readonly output: number } | undefined;
  /** Absent: none since it started, or nobody says so. */
  readonly lastTurn: TurnSummary | undefined;
}

interface TurnSummary {
  readonly outcome: string;
  /** For people. */
  readonly description: string;
  /** s */
  readonly at: number;
}

/** `undefined`: no data. */
export async function summarizeRuntime(agent: AgentPaths, freshness: Freshness): Promise<RuntimeSummary | undefined> {
  const record = await readRuntimeRecord(agent);
  if (record === undefined) return undefined;
  const isLive = record.status !== 'stopped' && isFresh(record, freshness);
  const isRunning = record.startedAt > 0 && isLive;
  const { phase, connected_at, last_error_at, next_retry_at, messages_waiting, messages_failed } = record.others;
  return {
    status: currentStatus(record, freshness),
    recordedStatus: record.status,
    health: record.health,
    msgCount: record.msgCount,
    uptimeSeconds: isRunning ? Math.max(0, Math.floor(freshness.now / 1000 - record.startedAt)) : undefined,
    lastEventAt: record.lastEventAt,
    updatedAt: record.updatedAt,
    error: record.error,
    phase: isLive && typeof phase === 'string' ? phase : undefined,
    connectedAt: isLive ? timeOf(connected_at) : undefined,
    lastErrorAt: timeOf(last_error_at),
    nextRetryAt: isLive ? timeOf(next_retry_at) : undefined,
    messagesWaiting: countOf(messages_waiting),
    messagesFailed: countOf(messages_failed),
    tokensToday: readTokens(record, freshness.now),
    lastTurn: readLastTurn(record),
  };
}

function readTokens({ updatedAt, others }: RuntimeRecord, now: number): RuntimeSummary['tokensToday'] {
  const { tokens_today: tokens } = others;
  if (!isJsonObject(tokens) || !isSameDay(updatedAt * 1000, now)) return undefined;
  const { input, output } = tokens;
  return { input: countOf(input) ?? 0, output: countOf(output) ?? 0 };
}

function readLastTurn({ others: { last_turn: turn } }: RuntimeRecord): TurnSummary | undefined {
  if (!isJsonObject(turn)) return undefined;
  const at = timeOf(turn['at']);
  const { outcome } = turn;
  return typeof outcome === 'string' && at !== undefined
    ? { outcome, description: describeOutcome(outcome), at }
    : undefined;
}

/** Local time, as people count days. */
function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function timeOf(value: JsonValue | undefined): number | undefined {
  const count = countOf(value);
  return count === 0 ? undefined : count;
}

function countOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && value >= 0 ? Math.trunc(value) : undefined;
}
