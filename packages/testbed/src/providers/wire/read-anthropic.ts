// Anthropic Messages, the request: what the real API refuses is refused here, in its words.
// spec: runtimes 3.2, 10.6
import { isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import { EMPTY_VIEW, type RequestView, type ViewedMessage } from '../fake-request.ts';
import { listAt, numberAt, objectsAt, stringAt, textsOf } from '../json-access.ts';
import { missingFrom } from './missing-from.ts';
import { type ReadResult, refuse, type Route } from './dialect.ts';

export function readAnthropic(raw: JsonObject, { operation }: Route): ReadResult {
  const problem = findMemberProblem(raw, operation === 'generate') ?? findMessageProblem(listAt(raw, 'messages') ?? []);
  return problem === undefined ? { kind: 'view', view: viewAnthropic(raw) } : refuse(problem);
}

function findMemberProblem(raw: JsonObject, needsMaxTokens: boolean): string | undefined {
  if (stringAt(raw, 'model') === undefined) return 'model: Field required';
  if (needsMaxTokens && raw['max_tokens'] === undefined) return 'max_tokens: Field required';
  const maxTokens = numberAt(raw, 'max_tokens');
  if (needsMaxTokens && (maxTokens === undefined || maxTokens < 1)) {
    return 'max_tokens: Input should be greater than or equal to 1';
  }
  const messages = listAt(raw, 'messages');
  if (messages === undefined) return 'messages: Field required';
  return messages.length === 0 ? 'messages: at least one message is required' : undefined;
}

function findMessageProblem(messages: readonly JsonValue[]): string | undefined {
  for (const [index, message] of messages.entries()) {
    const problem = findRoleProblem(message, index) ?? findContentProblem(message, index, messages.length);
    if (problem !== undefined) return problem;
  }
  return findPairProblem(joinTurns(messages.filter(isJsonObject)));
}

function findRoleProblem(message: JsonValue, index: number): string | undefined {
  if (!isJsonObject(message))
    return `messages.${index}: Input should be a valid dictionary or object to extract fields from`;
  const role = message['role'];
  if (role === undefined) return `messages.${index}.role: Field required`;
  if (role === 'system' && index === 0) {
    return 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.';
  }
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    return `messages.${index}.role: Input should be 'user' or 'assistant'`;
  }
  return index === 0 && role !== 'user' ? 'messages: first message must use the "user" role' : undefined;
}

function findContentProblem(message: JsonValue, index: number, count: number): string | undefined {
  if (!isJsonObject(message)) return undefined;
  const content = message['content'];
  if (content === undefined) return `messages.${index}.content: Field required`;
  if (typeof content !== 'string' && !Array.isArray(content)) {
    return `messages.${index}.content: Input should be a valid string or list`;
  }
  const isLastOfAssistant = index === count - 1 && message['role'] === 'assistant';
  if (content.length === 0 && !isLastOfAssistant) {
    return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
  }
  if (textsOf(content).some((text) => text === '')) return 'messages: text content blocks must be non-empty';
  if (textsOf(content).some((text) => text.trim() === '')) {
    return 'messages: text content blocks must contain non-whitespace text';
  }
  return undefined;
}

interface Turn {
  readonly role: string;
  readonly calls: string[];
  readonly results: string[];
}

/** Neighbours of one role count as one message, as they do at the real API. */
function joinTurns(messages: readonly JsonObject[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const role = stringAt(message, 'role') ?? '';
    if (role === 'system') continue;
    let turn = turns.at(-1);
    if (turn?.role !== role) {
      turn = { role, calls: [], results: [] };
      turns.push(turn);
    }
    for (const block of objectsAt(message, 'content')) {
      if (block['type'] === 'tool_use') turn.calls.push(stringAt(block, 'id') ?? '');
      if (block['type'] === 'tool_result') turn.results.push(stringAt(block, 'tool_use_id') ?? '');
    }
  }
  return turns;
}

function findPairProblem(turns: readonly Turn[]): string | undefined {
  for (const [index, turn] of turns.entries()) {
    const [stray] = missingFrom(turn.results, turns[index - 1]?.calls ?? []);
    if (stray !== undefined) {
      return `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    const unanswered = missingFrom(turn.calls, turns[index + 1]?.results ?? []);
    if (unanswered.length > 0) {
      return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${unanswered.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
  }
  return undefined;
}

function viewAnthropic(raw: JsonObject): RequestView {
  const messages = objectsAt(raw, 'messages');
  const midway = messages.filter(({ role }) => role === 'system').flatMap(({ content }) => textsOf(content));
  return {
    ...EMPTY_VIEW,
    model: stringAt(raw, 'model') ?? '',
    isStreaming: raw['stream'] === true,
    maxTokens: numberAt(raw, 'max_tokens'),
    system: [...textsOf(raw['system']), ...midway].join('\n\n'),
    messages: messages.filter(({ role }) => role !== 'system').map(viewMessage),
    toolNames: objectsAt(raw, 'tools').flatMap((tool) => stringAt(tool, 'name') ?? []),
  };
}

function viewMessage(message: JsonObject): ViewedMessage {
  const blocks = objectsAt(message, 'content');
  const texts =
    typeof message['content'] === 'string'
      ? [message['content']]
      : textsOf(blocks.filter(({ type }) => type === 'text'));
  return {
    role: message['role'] === 'assistant' ? 'assistant' : 'user',
    text: texts.join('\n'),
    texts,
    toolCalls: blocks
      .filter(({ type }) => type === 'tool_use')
      .map((block) => ({
        id: stringAt(block, 'id') ?? '',
        name: stringAt(block, 'name') ?? '',
        input: block['input'],
      })),
    toolResults: blocks
      .filter(({ type }) => type === 'tool_result')
      .map((block) => ({
        id: stringAt(block, 'tool_use_id') ?? '',
        text: textsOf(block['content']).join('\n'),
        isError: block['is_error'] === true,
      })),
  };
}
