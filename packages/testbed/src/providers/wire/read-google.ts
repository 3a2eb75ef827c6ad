// Gemini, the request: what the real API refuses is refused here.
// spec: runtimes 3.4, 10.6
import { isJsonObject, type JsonObject } from '@puffo/base';
import { EMPTY_VIEW, type RequestView, type ViewedMessage } from '../fake-request.ts';
import { listAt, numberAt, objectAt, objectsAt, stringAt, textsOf } from '../json-access.ts';
import { type ReadResult, refuse, type Route } from './dialect.ts';

export function readGoogle(raw: JsonObject, route: Route): ReadResult {
  const request = route.operation === 'count_tokens' ? (objectAt(raw, 'generateContentRequest') ?? raw) : raw;
  const problem = findContentsProblem(request) ?? findCallProblem(objectsAt(request, 'contents'));
  return problem === undefined ? { kind: 'view', view: viewGoogle(request, route) } : refuse(problem);
}

function findContentsProblem(raw: JsonObject): string | undefined {
  const contents = listAt(raw, 'contents') ?? [];
  if (contents.length === 0) return '* GenerateContentRequest.contents: contents is not specified\n';
  for (const [index, content] of contents.entries()) {
    if (!isJsonObject(content)) {
      return `Invalid value at 'contents[${index}]' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content)`;
    }
    const role = content['role'];
    if (role !== undefined && role !== 'user' && role !== 'model' && role !== 'function') {
      return 'Please use a valid role: user, model.';
    }
    if (objectsAt(content, 'parts').length === 0) {
      return `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`;
    }
  }
  return undefined;
}

/** A turn with calls is followed by a turn with as many responses, and responses follow nothing else. */
function findCallProblem(contents: readonly JsonObject[]): string | undefined {
  for (const [index, content] of contents.entries()) {
    const responses = countParts(content, 'functionResponse');
    const callsBefore = countParts(contents[index - 1], 'functionCall');
    if (responses > 0 && callsBefore === 0) {
      return 'Please ensure that function response turn comes immediately after a function call turn.';
    }
    const isFollowed = index < contents.length - 1;
    const calls = countParts(content, 'functionCall');
    if (calls > 0 && isFollowed && countParts(contents[index + 1], 'functionResponse') !== calls) {
      return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
    }
  }
  return undefined;
}

function countParts(content: JsonObject | undefined, member: string): number {
  return content === undefined ? 0 : membersOf(objectsAt(content, 'parts'), member).length;
}

function viewGoogle(raw: JsonObject, route: Route): RequestView {
  const instruction = objectAt(raw, 'systemInstruction') ?? objectAt(raw, 'system_instruction') ?? {};
  return {
    ...EMPTY_VIEW,
    model: route.model,
    isStreaming: route.stream !== 'no',
    maxTokens: numberAt(objectAt(raw, 'generationConfig') ?? {}, 'maxOutputTokens'),
    system: textsOf(instruction['parts']).join('\n\n'),
    messages: objectsAt(raw, 'contents').map(viewContent),
    toolNames: objectsAt(raw, 'tools')
      .flatMap((tool) => [...objectsAt(tool, 'functionDeclarations'), ...objectsAt(tool, 'function_declarations')])
      .flatMap((declaration) => stringAt(declaration, 'name') ?? []),
  };
}

function viewContent(content: JsonObject): ViewedMessage {
  const parts = objectsAt(content, 'parts');
  const texts = textsOf(parts.filter(({ thought }) => thought !== true));
  return {
    role: content['role'] === 'model' ? 'assistant' : 'user',
    text: texts.join('\n'),
    texts,
    toolCalls: membersOf(parts, 'functionCall').map((call) => ({
      id: readId(call),
      name: stringAt(call, 'name') ?? '',
      input: call['args'] ?? {},
    })),
    toolResults: membersOf(parts, 'functionResponse').map(viewResponse),
  };
}

function membersOf(parts: readonly JsonObject[], name: string): readonly JsonObject[] {
  return parts.map((part) => part[name]).filter(isJsonObject);
}

/** Calls need no id here; the name has to do. */
function readId(call: JsonObject): string {
  return stringAt(call, 'id') ?? stringAt(call, 'name') ?? '';
}

/** What SDKs wrap a text result in. */
const RESULT_MEMBERS = ['output', 'content', 'result', 'error'] as const;

function viewResponse(call: JsonObject): ViewedMessage['toolResults'][number] {
  const response = objectAt(call, 'response') ?? {};
  const text = RESULT_MEMBERS.map((member) => stringAt(response, member)).find((each) => each !== undefined);
  return { id: readId(call), text: text ?? JSON.stringify(response), isError: response['error'] !== undefined };
}
