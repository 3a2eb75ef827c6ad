// The file in which Gemini CLI keeps a session: lines that add, replace and take back messages. Read, cleaned and written again
// before a session is resumed. spec: runtimes 10.4
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';

export interface SessionRecord {
  readonly head: JsonObject;
  readonly messages: readonly JsonObject[];
}

const LINE_LIMITS = { maxLength: 32 * 1024 * 1024, maxDepth: 100, integers: 'any' } as const;

/** Lines that cannot be read are left out, as the program does: the last one may be half written. */
export function readSessionRecord(text: string): SessionRecord {
  const messages = new Map<string, JsonObject>();
  let head: JsonObject = {};
  for (const line of text.split('\n')) {
    const parsed = safeParseJson(line, LINE_LIMITS);
    if (parsed.kind !== 'value' || !isJsonObject(parsed.value)) continue;
    head = { ...head, ...applyLine(messages, parsed.value) };
  }
  return { head, messages: [...messages.values()] };
}

/** What the line says about the session itself. */
function applyLine(messages: Map<string, JsonObject>, line: JsonObject): JsonObject {
  const { $rewindTo: rewindTo, $set: set, id } = line;
  if (typeof rewindTo === 'string') {
    rewind(messages, rewindTo);
    return {};
  }
  if (typeof id === 'string') {
    messages.set(id, line);
    return {};
  }
  const { messages: replaced, ...head } = isJsonObject(set) ? set : line;
  if (replaced !== undefined && isJsonArray(replaced)) {
    if (isJsonObject(set)) messages.clear();
    for (const message of replaced.filter(isJsonObject)) {
      const { id: messageId } = message;
      if (typeof messageId === 'string') messages.set(messageId, message);
    }
  }
  return head;
}

function rewind(messages: Map<string, JsonObject>, to: string): void {
  const ids = [...messages.keys()];
  const start = Math.max(ids.indexOf(to), 0);
  for (const id of ids.slice(start)) messages.delete(id);
}

/**
 * Without what makes a resumed session fail or say things twice: results of tools that stand beside the call as well as in a
 * message of their own, results of calls that were not recorded because they were refused, and what was said last and never
 * answered, which comes again.
 */
export function cleanSessionRecord({ head, messages }: SessionRecord): SessionRecord {
  const calls = messages.flatMap(listCalls);
  const open = new Set(calls.filter(({ isAnswered }) => !isAnswered).map(({ id }) => id));
  for (const { id, isAnswered } of calls) if (isAnswered) open.delete(id);
  const kept = messages.filter((message) => !isSuperfluousResult(message, open));
  const last = kept.findLastIndex(({ type }) => type === 'gemini');
  return { head, messages: kept.slice(0, last + 1) };
}

/** Whether there is anything to go on with. */
export function hasConversation({ messages }: SessionRecord): boolean {
  return messages.some(({ type }) => type === 'gemini');
}

export function writeSessionRecord({ head, messages }: SessionRecord): string {
  return [head, ...messages].map((line) => `${JSON.stringify(line)}\n`).join('');
}

interface RecordedCall {
  readonly id: string;
  /** The result stands beside the call. */
  readonly isAnswered: boolean;
}

function listCalls({ type, toolCalls = [], content = [] }: JsonObject): readonly RecordedCall[] {
  if (type !== 'gemini') return [];
  const beside = toObjects(toolCalls).map(({ id, result }) => ({ id, isAnswered: result !== undefined }));
  const inside = toObjects(content).flatMap(({ functionCall }) =>
    isJsonObject(functionCall) ? [{ id: functionCall['id'], isAnswered: false }] : [],
  );
  return [...beside, ...inside].flatMap(({ id, isAnswered }) => (typeof id === 'string' ? [{ id, isAnswered }] : []));
}

/** Nothing but results that no open call waits for. */
function isSuperfluousResult({ type, content = [] }: JsonObject, open: ReadonlySet<string>): boolean {
  if (type !== 'user' || !isJsonArray(content) || content.length === 0) return false;
  return content.every((part) => {
    const id = readResultId(part);
    return id !== undefined && !open.has(id);
  });
}

function readResultId(part: JsonValue): string | undefined {
  const response = isJsonObject(part) ? part['functionResponse'] : undefined;
  const id = isJsonObject(response) ? response['id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

function toObjects(value: JsonValue): readonly JsonObject[] {
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}
