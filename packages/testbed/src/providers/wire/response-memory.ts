// OpenAI's Responses are remembered by the server: clients send `previous_response_id` or name single items instead of
// sending them again.
import type { JsonObject } from '@puffo/base';
import { stringAt } from '../json-access.ts';

/** More than any test needs; the oldest are forgotten. */
const MAX_RESPONSES = 500;

export interface ResponseMemory {
  /** `items`: the whole conversation up to and with this response. */
  remember(responseId: string, items: readonly JsonObject[]): void;
  findConversation(responseId: string): readonly JsonObject[] | undefined;
  findItem(itemId: string): JsonObject | undefined;
}

export function createResponseMemory(): ResponseMemory {
  const conversations = new Map<string, readonly JsonObject[]>();

  return {
    remember(responseId, items) {
      conversations.set(responseId, items);
      const [oldest] = conversations.keys();
      if (conversations.size > MAX_RESPONSES && oldest !== undefined) conversations.delete(oldest);
    },
    findConversation: (responseId) => conversations.get(responseId),
    findItem(itemId) {
      for (const items of conversations.values()) {
        const found = items.find((item) => stringAt(item, 'id') === itemId);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
