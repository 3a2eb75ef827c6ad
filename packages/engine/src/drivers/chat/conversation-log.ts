// What was said and done in a session: kept as entries, cut from the front, and written down to be read again after a restart.
// spec: runtimes 2.5, 3.2
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import type { SessionRef } from '../../spec/engine.ts';
import { MAX_LOG_BYTES, MAX_LOG_ENTRIES } from './limits.ts';

export type LogEntry =
  | { readonly role: 'user'; readonly text: string }
  /** With calls, the next entry is their results. */
  | { readonly role: 'assistant'; readonly text: string; readonly calls?: readonly LoggedCall[] }
  | { readonly role: 'tool'; readonly results: readonly LoggedResult[] };

export interface LoggedCall {
  /** Of the provider. */
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

export interface LoggedResult {
  /** Of the call. */
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly isError: boolean;
}

export type ConversationLog = readonly LogEntry[];

/** The latest entries that are within the limits, beginning with what a user said. */
export function trimLog(entries: ConversationLog): ConversationLog {
  const kept: LogEntry[] = [];
  let bytes = 0;
  for (const entry of entries.slice(-MAX_LOG_ENTRIES).toReversed()) {
    bytes += sizeOfEntry(entry);
    if (bytes > MAX_LOG_BYTES) break;
    kept.push(entry);
  }
  const latest = kept.toReversed();
  const start = latest.findIndex(({ role }) => role === 'user');
  return start === -1 ? [] : latest.slice(start);
}

/** Bytes of UTF-8. */
export function sizeOfEntry(entry: LogEntry): number {
  if (entry.role === 'tool') return Buffer.byteLength(JSON.stringify(entry.results));
  const calls = entry.role === 'assistant' ? entry.calls : undefined;
  return Buffer.byteLength(entry.text) + (calls === undefined ? 0 : Buffer.byteLength(JSON.stringify(calls)));
}

/** Neighbours of one role become one message: some providers refuse two in a row. */
export function mergeNeighbours(entries: ConversationLog): ConversationLog {
  const merged: LogEntry[] = [];
  for (const entry of entries) {
    const last = merged.at(-1);
    // Results stand between answers with calls and whatever follows.
    if (entry.role === 'tool' || last === undefined || last.role === 'tool' || last.role !== entry.role) {
      merged.push(entry);
    } else {
      merged[merged.length - 1] = { ...entry, text: `${last.text}\n\n${entry.text}` };
    }
  }
  return merged;
}

const VERSION = 1;

export function toSessionRef(entries: ConversationLog): SessionRef {
  return { chat: VERSION, entries: entries.map(writeEntry) };
}

function writeEntry(entry: LogEntry): JsonObject {
  if (entry.role === 'tool') {
    const results = entry.results.map(({ id, name, text, isError }) => ({ id, name, text, is_error: isError }));
    return { role: entry.role, results };
  }
  const { role, text } = entry;
  if (entry.role === 'user' || entry.calls === undefined) return { role, text };
  return { role, text, calls: entry.calls.map(({ id, name, input }) => ({ id, name, input })) };
}

/** `undefined`: not written by this version, or more than it would have written. */
export function readSessionRef(ref: SessionRef | undefined): ConversationLog | undefined {
  if (!isJsonObject(ref) || ref['chat'] !== VERSION) return undefined;
  const entries = ref['entries'] ?? null;
  if (!isJsonArray(entries) || entries.length > MAX_LOG_ENTRIES) return undefined;
  const log = readAll(entries, readEntry);
  return log !== undefined && trimLog(log).length === log.length && log.every(isPaired) ? log : undefined;
}

/** Providers refuse calls without results, and results without calls. */
function isPaired(entry: LogEntry, index: number, log: ConversationLog): boolean {
  if (entry.role === 'tool') {
    const before = log[index - 1];
    return before?.role === 'assistant' && isAnswered(before, entry);
  }
  if (entry.role === 'user' || entry.calls === undefined) return true;
  return log[index + 1]?.role === 'tool';
}

function isAnswered(
  { calls = [] }: Extract<LogEntry, { readonly role: 'assistant' }>,
  { results }: Extract<LogEntry, { readonly role: 'tool' }>,
): boolean {
  return calls.length === results.length && calls.every(({ id }, index) => results[index]?.id === id);
}

function readEntry(value: JsonValue): LogEntry | undefined {
  if (!isJsonObject(value)) return undefined;
  const { role, text, calls, results } = value;
  if (role === 'tool') {
    const read = readAll(results ?? null, readResult);
    return read === undefined || read.length === 0 ? undefined : { role, results: read };
  }
  if ((role !== 'user' && role !== 'assistant') || typeof text !== 'string') return undefined;
  if (role === 'user' || calls === undefined) return { role, text };
  const read = readAll(calls, readCall);
  return read === undefined || read.length === 0 ? undefined : { role, text, calls: read };
}

function readCall(value: JsonValue): LoggedCall | undefined {
  if (!isJsonObject(value)) return undefined;
  const { id, name, input } = value;
  return typeof id === 'string' && typeof name === 'string' && isJsonObject(input) ? { id, name, input } : undefined;
}

function readResult(value: JsonValue): LoggedResult | undefined {
  if (!isJsonObject(value)) return undefined;
  const { id, name, text, is_error: isError } = value;
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  return typeof text === 'string' && typeof isError === 'boolean' ? { id, name, text, isError } : undefined;
}

/** `undefined`: no list, or one of them cannot be read. */
function readAll<Item>(value: JsonValue, read: (item: JsonValue) => Item | undefined): readonly Item[] | undefined {
  if (!isJsonArray(value)) return undefined;
  const items = value.map(read).filter((item) => item !== undefined);
  return items.length === value.length ? items : undefined;
}
