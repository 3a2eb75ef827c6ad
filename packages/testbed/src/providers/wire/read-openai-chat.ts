// OpenAI Chat Completions, the request.
// spec: runtimes 3.3, 10.6
import { isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import { EMPTY_VIEW, type RequestView, type ViewedMessage } from '../fake-request.ts';
import { listAt, numberAt, objectAt, objectsAt, parseArguments, stringAt, textsOf } from '../json-access.ts';
import { type ReadResult, refuse, refuseWith } from './dialect.ts';

const ROLES: readonly JsonValue[] = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];

/** These think, and take another name for the limit. */
const REASONING_MODEL = /^(o\d|gpt-5)/;

export function readOpenaiChat(raw: JsonObject): ReadResult {
  return findMemberProblem(raw) ?? findMessageProblem(raw) ?? { kind: 'view', view: viewOpenaiChat(raw) };
}

function findMemberProblem(raw: JsonObject): ReadResult | undefined {
  const model = stringAt(raw, 'model');
  if (model === undefined || model === '') return refuse('you must provide a model parameter');
  const messages = listAt(raw, 'messages');
  if (messages === undefined) return refuseMember("Missing required parameter: 'messages'.", 'messages');
  if (messages.length === 0) {
    const message =
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    return refuseWith({ error: 'invalid_request', code: 'empty_array', message }, 'messages');
  }
  if (raw['max_tokens'] !== undefined && REASONING_MODEL.test(model)) {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    return refuseWith({ error: 'invalid_request', code: 'unsupported_parameter', message }, 'max_tokens');
  }
  return undefined;
}

function refuseMember(message: string, param: string): ReadResult {
  return refuseWith({ error: 'invalid_request', code: 'missing_required_parameter', message }, param);
}

function findMessageProblem(raw: JsonObject): ReadResult | undefined {
  let waiting: readonly string[] = [];
  const messages = listAt(raw, 'messages') ?? [];
  for (const [index, message] of messages.entries()) {
    if (!isJsonObject(message)) return refuse(`Invalid type for 'messages[${index}]'.`, `messages[${index}]`);
    if (!ROLES.includes(message['role'] ?? null)) return refuseRole(message, index);
    const hasCalls = objectsAt(message, 'tool_calls').length > 0;
    if (message['role'] !== 'assistant' && message['content'] === undefined) {
      return refuseMember(`Missing required parameter: 'messages[${index}].content'.`, `messages[${index}].content`);
    }
    if (message['role'] === 'tool') {
      const id = stringAt(message, 'tool_call_id') ?? '';
      if (!waiting.includes(id)) return refuseStrayResult(index);
      waiting = waiting.filter((each) => each !== id);
      continue;
    }
    if (waiting.length > 0) return refuseUnanswered(waiting, index);
    waiting = hasCalls ? objectsAt(message, 'tool_calls').map((call) => stringAt(call, 'id') ?? '') : [];
  }
  return waiting.length > 0 ? refuseUnanswered(waiting, messages.length) : undefined;
}

function refuseRole(message: JsonObject, index: number): ReadResult {
  const param = `messages[${index}].role`;
  if (message['role'] === undefined) return refuseMember(`Missing required parameter: '${param}'.`, param);
  const supported = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";
  const error = { error: 'invalid_request', code: 'invalid_value' } as const;
  return refuseWith({ ...error, message: `Invalid value for '${param}'. Supported values are: ${supported}.` }, param);
}

function refuseStrayResult(index: number): ReadResult {
  return refuse(
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    `messages.[${index}].role`,
  );
}

function refuseUnanswered(ids: readonly string[], index: number): ReadResult {
  return refuse(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`,
    `messages.[${index}].role`,
  );
}

function viewOpenaiChat(raw: JsonObject): RequestView {
  const messages = objectsAt(raw, 'messages');
  return {
    ...EMPTY_VIEW,
    model: stringAt(raw, 'model') ?? '',
    isStreaming: raw['stream'] === true,
    maxTokens: numberAt(raw, 'max_completion_tokens') ?? numberAt(raw, 'max_tokens'),
    system: messages
      .filter(isSystem)
      .flatMap(({ content }) => textsOf(content))
      .join('\n\n'),
    messages: messages.filter((message) => !isSystem(message)).map(viewMessage),
    toolNames: objectsAt(raw, 'tools').flatMap((tool) => {
      const name = stringAt(objectAt(tool, 'function') ?? tool, 'name');
      return name ?? [];
    }),
  };
}

function isSystem({ role }: JsonObject): boolean {
  return role === 'system' || role === 'developer';
}

function viewMessage(message: JsonObject): ViewedMessage {
  const isResult = message['role'] === 'tool';
  const texts = textsOf(message['content']);
  return {
    role: message['role'] === 'assistant' ? 'assistant' : 'user',
    text: isResult ? '' : texts.join('\n'),
    texts: isResult ? [] : texts,
    toolCalls: objectsAt(message, 'tool_calls').map((call) => {
      const called = objectAt(call, 'function') ?? {};
      const input = parseArguments(stringAt(called, 'arguments') ?? '');
      return { id: stringAt(call, 'id') ?? '', name: stringAt(called, 'name') ?? '', input };
    }),
    toolResults: isResult
      ? [{ id: stringAt(message, 'tool_call_id') ?? '', text: texts.join('\n'), isError: false }]
      : [],
  };
}
