import type { JsonObject } from '@puffo/base';

export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** An event with a name, as Anthropic and OpenAI's Responses send them. */
export function namedEvent(name: string, data: JsonObject): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function plainEvent(data: JsonObject): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** An event whose JSON ends too early. */
export function malformedEvent(): string {
  return 'data: {"type":"content_block_delta","index":0,"delta":{"type":"te\n\n';
}
