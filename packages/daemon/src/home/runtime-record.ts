// `runtime.json`, the heartbeat of a worker, and what readers make of its age. spec: daemon-and-cli 1.7, 4.9, D-18, D-29
import { stat } from 'node:fs/promises';
import type { JsonObject, JsonValue } from '@puffo/base';
import type { AgentPaths } from './home.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const FRESH_SECONDS = 30;

export interface RuntimeRecord {
  readonly status: string;
  /** s */
  readonly startedAt: number;
  /** s */
  readonly updatedAt: number;
  readonly msgCount: number;
  /** s */
  readonly lastEventAt: number;
  readonly error: string;
  readonly health: string;
  /** Members that 0.7.2 does not know: own ones and those of later versions. */
  readonly others: JsonObject;
}

/** `undefined`: no data. */
export async function readRuntimeRecord({ runtimeFile }: AgentPaths): Promise<RuntimeRecord | undefined> {
  const found = await readJsonFile(runtimeFile);
  if (found === undefined) return undefined;
  const { status, started_at, updated_at, msg_count, last_event_at, error, health, ...others } = found;
  return {
    status: textOf(status, 'stopped'),
    startedAt: integerOf(started_at),
    updatedAt: integerOf(updated_at),
    msgCount: integerOf(msg_count),
    lastEventAt: integerOf(last_event_at),
    error: textOf(error, ''),
    health: textOf(health, 'unknown'),
    others,
  };
}

/** Nothing happens when the agent's folder is gone: a heartbeat must not bring it back. */
export async function writeRuntimeRecord({ folder, runtimeFile }: AgentPaths, record: RuntimeRecord): Promise<void> {
  if (!(await isFolder(folder))) return;
  await writeJsonFile(runtimeFile, {
    status: record.status,
    started_at: record.startedAt,
    updated_at: record.updatedAt,
    msg_count: record.msgCount,
    last_event_at: record.lastEventAt,
    error: record.error,
    health: record.health,
    ...record.others,
  });
}

export interface Freshness {
  readonly isDaemonAlive: boolean;
  /** ms */
  readonly now: number;
}

/** Whether somebody still keeps the record up to date. */
export function isFresh({ updatedAt }: RuntimeRecord, { isDaemonAlive, now }: Freshness): boolean {
  return isDaemonAlive && now / 1000 - updatedAt < FRESH_SECONDS;
}

/** What the record is worth: its status, or `stale`. */
export function currentStatus(record: RuntimeRecord, freshness: Freshness): string {
  return record.status === 'stopped' || isFresh(record, freshness) ? record.status : 'stale';
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function textOf(value: JsonValue | undefined, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function integerOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? Math.trunc(value) : 0;
}
