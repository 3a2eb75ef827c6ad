// Gemini, the answer: one body, events (`alt=sse`) or a JSON array that grows.
// spec: runtimes 3.4, 10.6
import type { JsonObject, JsonValue } from '@puffo/base';
import type { FinishReason } from '../fake-reply.ts';
import type { AnswerBlock, AnswerContext, AnsweredCall, Dialect, StreamWriter } from './dialect.ts';
import { readGoogle } from './read-google.ts';

export const google: Dialect = {
  callIdPrefix: '',
  read: readGoogle,
  writeBody,
  openStream,
};

const FINISH_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  tool_calls: 'STOP',
  refusal: 'SAFETY',
};

function writeBody(context: AnswerContext): JsonObject {
  return writeResponse(context, {
    parts: context.blocks.flatMap(writePart),
    isLast: true,
    responseId: context.createId('resp'),
  });
}

interface Piece {
  readonly parts: readonly JsonValue[];
  readonly isLast: boolean;
  readonly responseId: string;
}

function writeResponse(context: AnswerContext, { parts, isLast, responseId }: Piece): JsonObject {
  const finishReason = FINISH_REASONS[context.finish];
  const isBlocked = isLast && context.finish === 'refusal';
  const candidate = {
    ...(isBlocked ? {} : { content: { ...(parts.length > 0 ? { parts } : {}), role: 'model' } }),
    ...(isLast ? { finishReason } : {}),
    index: 0,
    ...(isBlocked ? { safetyRatings: SAFETY_RATINGS } : {}),
  };
  return { candidates: [candidate], usageMetadata: writeUsage(context), modelVersion: context.view.model, responseId };
}

const SAFETY_RATINGS = [{ category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true }] as const;

/** A refusal has no words here. */
function writePart(block: AnswerBlock): readonly JsonObject[] {
  switch (block.kind) {
    case 'text':
      return [{ text: block.text }];
    case 'thinking':
      return [{ text: block.text, thought: true }];
    case 'tool_call':
      return [writeCall(block)];
    case 'refusal':
      return [];
  }
}

function writeCall({ id, name, input }: AnsweredCall): JsonObject {
  return { functionCall: { ...(id === '' ? {} : { id }), name, args: input } };
}

function writeUsage({ usage }: AnswerContext): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens } = usage;
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens,
    totalTokenCount: inputTokens + outputTokens,
    ...(cacheReadTokens === undefined ? {} : { cachedContentTokenCount: cacheReadTokens }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: inputTokens }],
  };
}

function openStream(context: AnswerContext): StreamWriter {
  const isArray = context.route.stream === 'array';
  const responseId = context.createId('resp');
  let count = 0;

  function wrap(text: string): string {
    count++;
    if (!isArray) return `data: ${text}\r\n\r\n`;
    return `${count === 1 ? '[' : ',\r\n'}${text}`;
  }
  function send(parts: readonly JsonValue[], isLast = false): string {
    return wrap(JSON.stringify(writeResponse(context, { parts, isLast, responseId })));
  }

  return {
    contentType: isArray ? 'application/json; charset=UTF-8' : 'text/event-stream',
    // The first event already says something.
    start: () => '',
    delta: (kind, chunk) => (kind === 'refusal' ? '' : send(writePart({ kind, text: chunk }))),
    toolCall: (call) => send([writeCall(call)]),
    error: ({ body }) => wrap(JSON.stringify(body)) + (isArray ? ']' : ''),
    malformed: () => wrap('{"candidates": [{"content": {"parts": [{"text": "ha'),
    finish: () => send(count === 0 ? [] : [{ text: '' }], true) + (isArray ? '\r\n]' : ''),
  };
}
