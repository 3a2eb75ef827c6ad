// What was said in a session: kept as pairs of role and text, cut from the front, and shown to the provider the way providers
// want it. spec: runtimes 2.5, 3.2
import { isJsonArray, isJsonObject, type JsonValue } from '@puffo/base';
import type { SessionRef } from '../../spec/engine.ts';
import { MAX_LOG_BYTES, MAX_LOG_ENTRIES } from './limits.ts';

export interface LogEntry {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export type ConversationLog = readonly LogEntry[];

/** The latest entries that are within the limits, beginning with what a user said. */
export function trimLog(entries: ConversationLog): ConversationLog {
  const kept: LogEntry[] = [];
  let bytes = 0;
  for (const entry of entries.slice(-MAX_LOG_ENTRIES).toReversed()) {
    bytes += Buffer.byteLength(entry.text);
    if (bytes > MAX_LOG_BYTES) break;
    kept.push(entry);
  }
  const latest = kept.toReversed();
  const start = latest.findIndex(({ role }) => role === 'user');
  return start === -1 ? [] : latest.slice(start);
}

/** Neighbours of one role become one message: some providers refuse two in a row. */
export function mergeNeighbours(entries: ConversationLog): ConversationLog {
  const merged: LogEntry[] = [];
  for (const { role, text } of entries) {
    const last = merged.at(-1);
    if (last?.role !== role) merged.push({ role, text });
    else merged[merged.length - 1] = { role, text: `${last.text}\n\n${text}` };
  }
  return merged;
}

const VERSION = 1;

export function toSessionRef(entries: ConversationLog): SessionRef {
  return { chat: VERSION, entries: entries.map(({ role, text }) => ({ role, text })) };
}

/** `undefined`: not written by this version, or more than it would have written. */
export function readSessionRef(ref: SessionRef | undefined): ConversationLog | undefined {
  if (!isJsonObject(ref) || ref['chat'] !== VERSION) return undefined;
  const entries = ref['entries'] ?? null;
  if (!isJsonArray(entries) || entries.length > MAX_LOG_ENTRIES) return undefined;
  const log = entries.map(readEntry).filter((entry) => entry !== undefined);
  return log.length === entries.length && trimLog(log).length === log.length ? log : undefined;
}

function readEntry(value: JsonValue): LogEntry | undefined {
  if (!isJsonObject(value)) return undefined;
  const { role, text } = value as { readonly [name: string]: JsonValue | undefined };
  if ((role !== 'user' && role !== 'assistant') || typeof text !== 'string') return undefined;
  return { role, text };
}
