// OpenAI Responses, the request.
// spec: runtimes 10.6
import { isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import { EMPTY_VIEW, type RequestView, type ViewedMessage } from '../fake-request.ts';
import { numberAt, parseArguments, stringAt, textsOf } from '../json-access.ts';
import { missingFrom } from './missing-from.ts';
import { type ReadResult, refuse, refuseWith } from './dialect.ts';
import { joinToolName, listDeclaredTools } from './responses-tools.ts';
import type { ResponseMemory } from './response-memory.ts';

/** The conversation that a request stands for, with everything in it that the server remembers; or why there is none. */
export type Conversation =
  | { readonly kind: 'items'; readonly items: readonly JsonObject[] }
  | { readonly kind: 'lost'; readonly result: ReadResult };

export function readOpenaiResponses(raw: JsonObject, memory: ResponseMemory): ReadResult {
  const model = stringAt(raw, 'model');
  if (model === undefined || model === '') return refuseMember('model');
  if (raw['input'] === undefined && raw['previous_response_id'] === undefined) return refuseMember('input');
  if (Array.isArray(raw['input']) && raw['input'].length === 0 && raw['previous_response_id'] === undefined) {
    const message =
      "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    return refuseWith({ error: 'invalid_request', code: 'empty_array', message }, 'input');
  }
  const conversation = findConversation(raw, memory);
  if (conversation.kind === 'lost') return conversation.result;
  return findPairProblem(conversation.items) ?? { kind: 'view', view: viewResponses(raw, conversation.items) };
}

function refuseMember(param: string): ReadResult {
  const message = `Missing required parameter: '${param}'.`;
  return refuseWith({ error: 'invalid_request', code: 'missing_required_parameter', message }, param);
}

export function findConversation(raw: JsonObject, memory: ResponseMemory): Conversation {
  const previous = stringAt(raw, 'previous_response_id');
  const before = previous === undefined ? [] : memory.findConversation(previous);
  if (before === undefined) {
    const error = { error: 'invalid_request', code: 'previous_response_not_found' } as const;
    const message = `Previous response with id '${previous}' not found.`;
    return { kind: 'lost', result: refuseWith({ ...error, message }, 'previous_response_id') };
  }
  const items: JsonObject[] = [...before];
  for (const item of listInput(raw['input'])) {
    const id = stringAt(item, 'id') ?? '';
    const meant = item['type'] === 'item_reference' ? memory.findItem(id) : item;
    if (meant === undefined) return { kind: 'lost', result: refuseReference(id) };
    items.push(meant);
  }
  return { kind: 'items', items };
}

function listInput(input: JsonValue | undefined): readonly JsonObject[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return Array.isArray(input) ? input.filter(isJsonObject) : [];
}

function refuseReference(id: string): ReadResult {
  const message = `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`;
  return refuseWith({ error: 'invalid_request', status: 404, message }, 'input');
}

const CALLS: readonly JsonValue[] = ['function_call', 'custom_tool_call', 'local_shell_call'];
const OUTPUTS: readonly JsonValue[] = ['function_call_output', 'custom_tool_call_output', 'local_shell_call_output'];

function findPairProblem(items: readonly JsonObject[]): ReadResult | undefined {
  const calls = callIds(items, CALLS);
  const outputs = callIds(items, OUTPUTS);
  const [stray] = missingFrom(outputs, calls);
  if (stray !== undefined) return refuse(`No tool call found for function call output with call_id ${stray}.`, 'input');
  const [unanswered] = missingFrom(calls, outputs);
  return unanswered === undefined
    ? undefined
    : refuse(`No tool output found for function call ${unanswered}.`, 'input');
}

function callIds(items: readonly JsonObject[], types: readonly JsonValue[]): readonly string[] {
  return items.filter(({ type }) => types.includes(type ?? null)).map((item) => stringAt(item, 'call_id') ?? '');
}

function viewResponses(raw: JsonObject, items: readonly JsonObject[]): RequestView {
  const system = items.filter(isSystem).flatMap(({ content }) => textsOf(content));
  return {
    ...EMPTY_VIEW,
    model: stringAt(raw, 'model') ?? '',
    isStreaming: raw['stream'] === true,
    maxTokens: numberAt(raw, 'max_output_tokens'),
    system: [...textsOf(raw['instructions']), ...system].join('\n\n'),
    messages: items.filter((item) => !isSystem(item)).flatMap(viewItem),
    toolNames: listDeclaredTools(raw).map(({ namespace, name }) => joinToolName(namespace, name)),
  };
}

function isSystem({ role }: JsonObject): boolean {
  return role === 'system' || role === 'developer';
}

/** Reasoning and the server's own tools say nothing that the neutral view has a word for. */
function viewItem(item: JsonObject): readonly ViewedMessage[] {
  const message = { role: 'assistant', text: '', texts: [], toolCalls: [], toolResults: [] } as const;
  const type = item['type'] ?? 'message';
  const id = stringAt(item, 'call_id') ?? '';
  if (type === 'message') {
    const texts = textsOf(item['content']);
    return [{ ...message, role: item['role'] === 'assistant' ? 'assistant' : 'user', text: texts.join('\n'), texts }];
  }
  if (CALLS.includes(type)) {
    const name = joinToolName(stringAt(item, 'namespace'), stringAt(item, 'name') ?? '');
    const input = parseArguments(stringAt(item, 'arguments') ?? stringAt(item, 'input') ?? '');
    return [{ ...message, toolCalls: [{ id, name, input }] }];
  }
  if (OUTPUTS.includes(type)) {
    const text = textsOf(item['output']).join('\n');
    return [{ ...message, role: 'user', toolResults: [{ id, text, isError: false }] }];
  }
  return [];
}
