// OpenAI Responses, the answer: one body, or events; remembered unless the client says no.
// spec: runtimes 10.6
import type { JsonObject } from '@puffo/base';
import { stringAt } from '../json-access.ts';
import type { AnswerContext, Dialect } from './dialect.ts';
import { findConversation, readOpenaiResponses } from './read-openai-responses.ts';
import { openResponsesStream } from './openai-responses-stream.ts';
import { createResponseMemory, type ResponseMemory } from './response-memory.ts';
import { writeEnd, writeHead, writeItem, writeUsage } from './responses-objects.ts';

export function createOpenaiResponses(): Dialect {
  const memory = createResponseMemory();
  return {
    callIdPrefix: 'call_',
    read: (raw) => readOpenaiResponses(raw, memory),
    writeBody(context) {
      const output = context.blocks.map((block) => writeItem(context, block));
      const head = writeHead(context);
      remember(context, { memory, output, id: stringAt(head, 'id') ?? '' });
      return { ...head, ...writeEnd(context), output, usage: writeUsage(context) };
    },
    openStream: (context) => openResponsesStream(context, (output, id) => remember(context, { memory, output, id })),
  };
}

function remember(
  { raw }: AnswerContext,
  {
    memory,
    output,
    id,
  }: { readonly memory: ResponseMemory; readonly output: readonly JsonObject[]; readonly id: string },
): void {
  if (raw['store'] === false) return;
  const conversation = findConversation(raw, memory);
  if (conversation.kind === 'items') memory.remember(id, [...conversation.items, ...output]);
}
