// OpenAI Chat Completions, the answer: one body, or chunks that end with `[DONE]`.
// spec: runtimes 10.6
import type { JsonObject } from '@puffo/base';
import { type FinishReason, splitText } from '../fake-reply.ts';
import { objectAt } from '../json-access.ts';
import type { AnswerBlock, AnswerContext, AnsweredCall, Dialect, StreamWriter } from './dialect.ts';
import { readOpenaiChat } from './read-openai-chat.ts';
import { EVENT_STREAM, malformedEvent, plainEvent } from './server-sent-event.ts';

export const openaiChat: Dialect = {
  callIdPrefix: 'call_',
  read: readOpenaiChat,
  writeBody,
  openStream,
};

/** A refusal is an ordinary end: what was said stands in `refusal`. */
const FINISH_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  refusal: 'stop',
};

function writeBody(context: AnswerContext): JsonObject {
  const { blocks } = context;
  const calls = blocks.filter((block) => block.kind === 'tool_call');
  const message = {
    role: 'assistant',
    content: joinOf('text', blocks),
    refusal: joinOf('refusal', blocks),
    ...(joinOf('thinking', blocks) === null ? {} : { reasoning_content: joinOf('thinking', blocks) }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => writeCall(call, JSON.stringify(call.input))) }),
    annotations: [],
  };
  return {
    ...writeHead(context, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISH_REASONS[context.finish] }],
    usage: writeUsage(context),
  };
}

/** `null` when nothing of this kind was said. */
function joinOf(kind: 'text' | 'thinking' | 'refusal', blocks: readonly AnswerBlock[]): string | null {
  const found = blocks.flatMap((block) => (block.kind === kind ? [block.text] : []));
  return found.length === 0 ? null : found.join('');
}

function writeHead({ createId, now, view }: AnswerContext, object: string): JsonObject {
  return {
    id: createId('chatcmpl-'),
    object,
    created: Math.floor(now / 1000),
    model: view.model,
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
  };
}

function writeCall({ id, name }: AnsweredCall, text: string): JsonObject {
  return { id, type: 'function', function: { name, arguments: text } };
}

function writeUsage({ usage }: AnswerContext): JsonObject {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

const DELTA_MEMBERS = { text: 'content', thinking: 'reasoning_content', refusal: 'refusal' } as const;

function openStream(context: AnswerContext): StreamWriter {
  const head = writeHead(context, 'chat.completion.chunk');
  const hasUsage = objectAt(context.raw, 'stream_options')?.['include_usage'] === true;
  let calls = 0;

  function chunk(delta: JsonObject, finishReason: string | null = null): string {
    const choice = { index: 0, delta, logprobs: null, finish_reason: finishReason };
    return plainEvent({ ...head, choices: [choice], ...(hasUsage ? { usage: null } : {}) });
  }

  return {
    contentType: EVENT_STREAM,
    start: () => chunk({ role: 'assistant', content: '', refusal: null }),
    delta: (kind, text) => chunk({ [DELTA_MEMBERS[kind]]: text }),
    toolCall(call) {
      const index = calls++;
      const pieces = splitText(JSON.stringify(call.input));
      return [
        chunk({ tool_calls: [{ index, ...writeCall(call, '') }] }),
        ...pieces.map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
      ].join('');
    },
    error: ({ body }) => plainEvent(body),
    malformed: malformedEvent,
    finish() {
      const usage = hasUsage ? plainEvent({ ...head, choices: [], usage: writeUsage(context) }) : '';
      return `${chunk({}, FINISH_REASONS[context.finish])}${usage}data: [DONE]\n\n`;
    },
  };
}
