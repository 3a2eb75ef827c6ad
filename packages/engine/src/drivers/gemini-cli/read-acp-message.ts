// One line of Gemini CLI in the words of this driver. It speaks the Agent Client Protocol, JSON-RPC 2.0. spec: runtimes 10.4
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';

export type AcpMessage =
  | { readonly kind: 'result'; readonly id: number; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly id: number; readonly error: AcpError }
  | { readonly kind: 'update'; readonly update: AcpUpdate }
  | { readonly kind: 'permission'; readonly id: AcpId; readonly question: AcpQuestion }
  /** A request for something that is not offered. */
  | { readonly kind: 'request'; readonly id: AcpId; readonly method: string }
  | { readonly kind: 'other' };

export type AcpId = string | number;

export interface AcpError {
  readonly code: number;
  readonly message: string;
}

export type AcpUpdate =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool_start'; readonly call: AcpCall }
  | { readonly kind: 'tool_end'; readonly call: AcpCall; readonly isError: boolean }
  | { readonly kind: 'thought' }
  /** Of no turn: commands that it offers, its mode, what was said before. */
  | { readonly kind: 'other' };

export interface AcpCall {
  readonly callId: string;
  readonly name: string;
  readonly input: JsonValue;
}

export interface AcpQuestion {
  readonly call: AcpCall;
  readonly description: string;
  readonly options: readonly AcpOption[];
}

export interface AcpOption {
  readonly optionId: string;
  readonly kind: string;
}

const LINE_LIMITS = { maxLength: 32 * 1024 * 1024, maxDepth: 100, integers: 'any' } as const;
const OTHER: AcpMessage = { kind: 'other' };

export function readAcpMessage(line: string): AcpMessage {
  const parsed = safeParseJson(line, LINE_LIMITS);
  if (parsed.kind !== 'value' || !isJsonObject(parsed.value)) return OTHER;
  const { id, method, params, result, error } = parsed.value;
  if (typeof method === 'string') return readCall({ id, method, params: toObject(params) });
  if (typeof id !== 'number') return OTHER;
  if (isJsonObject(error)) return { kind: 'error', id, error: readError(error) };
  return { kind: 'result', id, result: toObject(result) };
}

interface IncomingCall {
  readonly id: JsonValue | undefined;
  readonly method: string;
  readonly params: JsonObject;
}

function readCall({ id, method, params }: IncomingCall): AcpMessage {
  const isRequest = typeof id === 'string' || typeof id === 'number';
  if (method === 'session/update') return { kind: 'update', update: readUpdate(toObject(params['update'])) };
  if (!isRequest) return OTHER;
  if (method === 'session/request_permission') return { kind: 'permission', id, question: readQuestion(params) };
  return { kind: 'request', id, method };
}

function readError({ code, message, data }: JsonObject): AcpError {
  // Of an error that it did not expect, the program says more here.
  const details = toText(toObject(data)['details']);
  return {
    code: typeof code === 'number' ? code : 0,
    message: details === '' ? toText(message) : details,
  };
}

/** A note of the program about itself, in the place of the model's words. */
const MODE_NOTE = /^\[MODE_UPDATE\] \w+$/;

function readUpdate(update: JsonObject): AcpUpdate {
  const kind = update['sessionUpdate'];
  if (kind === 'tool_call' || kind === 'tool_call_update') return readToolUpdate(update);
  if (kind === 'agent_thought_chunk') return { kind: 'thought' };
  if (kind !== 'agent_message_chunk') return { kind: 'other' };
  const text = readText(update['content']);
  return text === '' || MODE_NOTE.test(text) ? { kind: 'other' } : { kind: 'text', text };
}

function readToolUpdate(update: JsonObject): AcpUpdate {
  const call = readToolCall(update);
  const { status } = update;
  if (status === 'completed' || status === 'failed') return { kind: 'tool_end', call, isError: status === 'failed' };
  return { kind: 'tool_start', call };
}

function readQuestion({ toolCall, options = [] }: JsonObject): AcpQuestion {
  const described = toObject(toolCall);
  const found = isJsonArray(options) ? options.filter(isJsonObject) : [];
  return {
    call: readToolCall(described),
    description: toText(described['title']),
    options: found.map((option) => ({ optionId: toText(option['optionId']), kind: toText(option['kind']) })),
  };
}

function readToolCall(described: JsonObject): AcpCall {
  const callId = toText(described['toolCallId']);
  return { callId, name: readToolName(callId) ?? toText(described['title']), input: readInput(described) };
}

/** The name stands in front of the id, and nowhere else; what follows begins with the name again, as far as is known. */
function readToolName(callId: string): string | undefined {
  return /^(.+?)__\1_/.exec(callId)?.[1] ?? /^(.+?)__/.exec(callId)?.[1];
}

/** The arguments as far as the program shows them: as JSON for tools of servers, as a title and texts or a diff for its own. */
function readInput({ title, content = [] }: JsonObject): JsonValue {
  const blocks = isJsonArray(content) ? content.filter(isJsonObject) : [];
  const texts = blocks.map((block) => readText(block['content'])).filter((text) => text !== '');
  const [text] = texts;
  const parsed = text === undefined ? undefined : safeParseJson(text, LINE_LIMITS);
  if (parsed?.kind === 'value' && isJsonObject(parsed.value)) return parsed.value;
  const diff = blocks.find(({ type }) => type === 'diff');
  return {
    ...(typeof title === 'string' ? { title } : {}),
    ...(texts.length > 0 ? { details: texts.join('\n') } : {}),
    ...(diff === undefined ? {} : { path: toText(diff['path']), content: toText(diff['newText']) }),
  };
}

function readText(content: JsonValue | undefined): string {
  return isJsonObject(content) && content['type'] === 'text' ? toText(content['text']) : '';
}

function toObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function toText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
