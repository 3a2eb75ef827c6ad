// A conversation the way the SDK wants it.
import type { ModelMessage, ToolResultPart } from 'ai';
import { type ConversationLog, type LogEntry, type LoggedResult, mergeNeighbours } from './conversation-log.ts';

export function toMessages(log: ConversationLog): readonly ModelMessage[] {
  return mergeNeighbours(log).map(toMessage);
}

function toMessage(entry: LogEntry): ModelMessage {
  if (entry.role === 'tool') return toResultMessage(entry.results);
  if (entry.role === 'user') return { role: 'user', content: entry.text };
  const { text, calls } = entry;
  if (calls === undefined) return { role: 'assistant', content: text };
  return {
    role: 'assistant',
    content: [
      ...(text.trim() === '' ? [] : [{ type: 'text' as const, text }]),
      ...calls.map(({ id, name, input }) => ({
        type: 'tool-call' as const,
        toolCallId: id,
        toolName: name,
        input,
      })),
    ],
  };
}

export function toResultMessage(results: readonly LoggedResult[]): ModelMessage {
  return { role: 'tool', content: results.map(toResultPart) };
}

function toResultPart({ id, name, text, isError }: LoggedResult): ToolResultPart {
  return {
    type: 'tool-result',
    toolCallId: id,
    toolName: name,
    output: { type: isError ? 'error-text' : 'text', value: text },
  };
}
