// A line of Claude Code as what it means to us. Frames of unknown kinds and lines that are none are `other`: a sign of life.
// spec: runtimes 10.2.2
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonResult,
  type JsonValue,
  safeParseJson,
} from '@puffo/base';

export type ClaudeFrame =
  /** A turn begins. */
  | { readonly kind: 'init'; readonly sessionId: string }
  /** The input of that id is in the session now. */
  | { readonly kind: 'replay'; readonly uuid: string }
  | { readonly kind: 'assistant'; readonly message: AssistantMessage }
  | { readonly kind: 'tool_results'; readonly results: readonly ToolResultFact[] }
  | { readonly kind: 'retry'; readonly error: string; readonly status: number | undefined }
  | { readonly kind: 'compacted' }
  | { readonly kind: 'result'; readonly result: ResultFacts }
  | { readonly kind: 'control_request'; readonly requestId: string; readonly request: JsonObject }
  | { readonly kind: 'control_response'; readonly requestId: string; readonly error: string | undefined }
  | { readonly kind: 'control_cancel'; readonly requestId: string }
  | { readonly kind: 'other' };

export interface AssistantMessage {
  /** Said by a helper of the agent, not by the agent. */
  readonly isOfSubagent: boolean;
  /** Made up by the CLI in the place of an answer, with the word for what went wrong when there is one. */
  readonly isSynthetic: boolean;
  readonly error: string | undefined;
  readonly blocks: readonly AssistantBlock[];
}

export type AssistantBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool_use'; readonly callId: string; readonly name: string; readonly input: JsonValue };

export interface ToolResultFact {
  readonly callId: string;
  readonly isError: boolean;
}

export interface ResultFacts {
  readonly subtype: string;
  readonly isError: boolean;
  readonly httpStatus: number | undefined;
  readonly terminalReason: string;
  readonly text: string;
  readonly errors: readonly string[];
  readonly sessionId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

const LIMITS = { maxLength: 64 * 1024 * 1024, maxDepth: 2000, integers: 'any' } as const;
const OTHER: ClaudeFrame = { kind: 'other' };

export function readFrame(line: string): ClaudeFrame {
  const parsed = parseLine(line);
  if (parsed.kind !== 'value' || !isJsonObject(parsed.value)) return OTHER;
  const frame = parsed.value;
  switch (textAt(frame, 'type')) {
    case 'system':
      return readSystem(frame);
    case 'assistant':
      return readAssistant(frame);
    case 'user':
      return readUser(frame);
    case 'result':
      return { kind: 'result', result: readResult(frame) };
    case 'control_request':
      return { kind: 'control_request', requestId: textAt(frame, 'request_id'), request: objectAt(frame, 'request') };
    case 'control_response':
      return readControlResponse(objectAt(frame, 'response'));
    case 'control_cancel_request':
      return { kind: 'control_cancel', requestId: textAt(frame, 'request_id') };
    default:
      return OTHER;
  }
}

/** Half a character, cut out of a tool's output, must not cost the whole frame. */
const LONE_SURROGATE =
  /\\u[dD][89abAB][\da-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][\da-fA-F]{2})\\u[dD][c-fC-F][\da-fA-F]{2}/g;

function parseLine(line: string): JsonResult {
  const parsed = safeParseJson(line, LIMITS);
  if (parsed.kind === 'value' || parsed.problem !== 'lone_surrogate') return parsed;
  return safeParseJson(line.replaceAll(LONE_SURROGATE, '\\ufffd'), LIMITS);
}

function readSystem(frame: JsonObject): ClaudeFrame {
  switch (textAt(frame, 'subtype')) {
    case 'init':
      return { kind: 'init', sessionId: textAt(frame, 'session_id') };
    case 'api_retry':
      return { kind: 'retry', error: textAt(frame, 'error'), status: statusAt(frame, 'error_status') };
    case 'compact_boundary':
      return { kind: 'compacted' };
    default:
      return OTHER;
  }
}

function readAssistant(frame: JsonObject): ClaudeFrame {
  const message = objectAt(frame, 'message');
  const error = textAt(frame, 'error');
  return {
    kind: 'assistant',
    message: {
      isOfSubagent: (frame['parent_tool_use_id'] ?? null) !== null,
      isSynthetic: message['model'] === '<synthetic>',
      error: error === '' ? undefined : error,
      blocks: blocksOf(message).flatMap(readBlock),
    },
  };
}

function readBlock(block: JsonObject): readonly AssistantBlock[] {
  if (block['type'] === 'text') return [{ kind: 'text', text: textAt(block, 'text') }];
  if (block['type'] !== 'tool_use') return [];
  return [{ kind: 'tool_use', callId: textAt(block, 'id'), name: textAt(block, 'name'), input: block['input'] ?? {} }];
}

function readUser(frame: JsonObject): ClaudeFrame {
  if (frame['isReplay'] === true) return { kind: 'replay', uuid: textAt(frame, 'uuid') };
  const results = blocksOf(objectAt(frame, 'message'))
    .filter((block) => block['type'] === 'tool_result')
    .map((block) => ({ callId: textAt(block, 'tool_use_id'), isError: block['is_error'] === true }));
  return results.length === 0 ? OTHER : { kind: 'tool_results', results };
}

function readResult(frame: JsonObject): ResultFacts {
  const usage = objectAt(frame, 'usage');
  return {
    subtype: textAt(frame, 'subtype'),
    isError: frame['is_error'] === true,
    httpStatus: statusAt(frame, 'api_error_status'),
    terminalReason: textAt(frame, 'terminal_reason'),
    text: textAt(frame, 'result'),
    errors: listAt(frame, 'errors').filter((error) => typeof error === 'string'),
    sessionId: textAt(frame, 'session_id'),
    inputTokens: countAt(usage, 'input_tokens') + countAt(usage, 'cache_creation_input_tokens'),
    outputTokens: countAt(usage, 'output_tokens'),
  };
}

function readControlResponse(response: JsonObject): ClaudeFrame {
  const isError = response['subtype'] === 'error';
  const requestId = textAt(response, 'request_id');
  return { kind: 'control_response', requestId, error: isError ? textAt(response, 'error') : undefined };
}

function blocksOf(message: JsonObject): readonly JsonObject[] {
  return listAt(message, 'content').filter(isJsonObject);
}

function textAt(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

function listAt(object: JsonObject, name: string): readonly JsonValue[] {
  const value = object[name] ?? null;
  return isJsonArray(value) ? value : [];
}

function statusAt(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value < 600 ? value : undefined;
}

function countAt(object: JsonObject, name: string): number {
  const value = object[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
