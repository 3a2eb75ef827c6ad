// Anthropic Messages, the answer: one body, or events in the order of the real API.
// spec: runtimes 10.6
import type { JsonObject } from '@puffo/base';
import { type FinishReason, splitText } from '../fake-reply.ts';
import type { AnswerBlock, AnswerContext, AnsweredCall, Dialect, StreamWriter } from './dialect.ts';
import { readAnthropic } from './read-anthropic.ts';
import { EVENT_STREAM, malformedEvent, namedEvent } from './server-sent-event.ts';

export const anthropic: Dialect = {
  callIdPrefix: 'toolu_',
  read: readAnthropic,
  writeBody,
  openStream,
};

/** Clients hand it back; the fake does not check it. */
const SIGNATURE = 'ZmFrZS1zaWduYXR1cmU=';

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  refusal: 'refusal',
};

function writeBody(context: AnswerContext): JsonObject {
  return {
    ...writeMessage(context),
    content: context.blocks.map(writeBlock),
    stop_reason: STOP_REASONS[context.finish],
    usage: writeUsage(context, context.usage.outputTokens),
  };
}

function writeMessage(context: AnswerContext): JsonObject {
  return {
    id: context.createId('msg_'),
    type: 'message',
    role: 'assistant',
    model: context.view.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: writeUsage(context, 1),
  };
}

/** Cached tokens are counted apart from `input_tokens`. */
function writeUsage({ usage }: AnswerContext, outputTokens: number): JsonObject {
  const { inputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  return {
    input_tokens: Math.max(0, inputTokens - cacheReadTokens - cacheWriteTokens),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cacheReadTokens,
    output_tokens: outputTokens,
    service_tier: 'standard',
  };
}

function writeBlock(block: AnswerBlock): JsonObject {
  switch (block.kind) {
    case 'tool_call':
      return { type: 'tool_use', id: block.id, name: block.name, input: block.input };
    case 'thinking':
      return { type: 'thinking', thinking: block.text, signature: SIGNATURE };
    case 'text':
    case 'refusal':
      return { type: 'text', text: block.text };
  }
}

function openStream(context: AnswerContext): StreamWriter {
  let index = -1;
  let open: 'none' | 'text' | 'thinking' = 'none';

  function event(type: string, data: JsonObject = {}): string {
    return namedEvent(type, { type, ...data });
  }
  function startBlock(block: JsonObject): string {
    index++;
    return event('content_block_start', { index, content_block: block });
  }
  function sendDelta(delta: JsonObject): string {
    return event('content_block_delta', { index, delta });
  }
  function closeBlock(): string {
    if (open === 'none') return '';
    const signature = open === 'thinking' ? sendDelta({ type: 'signature_delta', signature: SIGNATURE }) : '';
    open = 'none';
    return signature + event('content_block_stop', { index });
  }
  function enterBlock(kind: 'text' | 'thinking'): string {
    if (open === kind) return '';
    const closed = closeBlock();
    open = kind;
    const block = kind === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' };
    return closed + startBlock(block);
  }

  return {
    contentType: EVENT_STREAM,
    start: () => event('message_start', { message: writeMessage(context) }) + event('ping'),
    delta(kind, chunk) {
      if (kind === 'thinking') return enterBlock('thinking') + sendDelta({ type: 'thinking_delta', thinking: chunk });
      return enterBlock('text') + sendDelta({ type: 'text_delta', text: chunk });
    },
    toolCall({ id, name, input }: AnsweredCall) {
      const start = closeBlock() + startBlock({ type: 'tool_use', id, name, input: {} });
      const pieces = ['', ...splitText(JSON.stringify(input))];
      const deltas = pieces.map((piece) => sendDelta({ type: 'input_json_delta', partial_json: piece }));
      return start + deltas.join('') + event('content_block_stop', { index });
    },
    error: ({ body }) => namedEvent('error', body),
    malformed: () => `event: content_block_delta\n${malformedEvent()}`,
    finish() {
      const delta = { stop_reason: STOP_REASONS[context.finish], stop_sequence: null };
      const usage = writeUsage(context, context.usage.outputTokens);
      return closeBlock() + event('message_delta', { delta, usage }) + event('message_stop');
    },
  };
}
