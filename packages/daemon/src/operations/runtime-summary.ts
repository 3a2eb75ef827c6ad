import type { AgentPaths } from '../home/home.ts';
import { currentStatus, type Freshness, isFresh, readRuntimeRecord } from '../home/runtime-record.ts';

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
}

/** `undefined`: no data. */
export async function summarizeRuntime(agent: AgentPaths, freshness: Freshness): Promise<RuntimeSummary | undefined> {
  const record = await readRuntimeRecord(agent);
  if (record === undefined) return undefined;
  const isRunning = record.startedAt > 0 && record.status !== 'stopped' && isFresh(record, freshness);
  return {
    status: currentStatus(record, freshness),
    recordedStatus: record.status,
    health: record.health,
    msgCount: record.msgCount,
    uptimeSeconds: isRunning ? Math.max(0, Math.floor(freshness.now / 1000 - record.startedAt)) : undefined,
    lastEventAt: record.lastEventAt,
    updatedAt: record.updatedAt,
    error: record.error,
  };
}
