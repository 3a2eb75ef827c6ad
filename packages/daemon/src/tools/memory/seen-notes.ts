// What the model has seen of its notes, so that what people changed by hand in between is not overwritten. spec: mcp-tools 9
import { digestOf } from '../digest.ts';

export interface SeenNotes {
  see(fileName: string, text: string): void;
  /** `changedAt`: ms. */
  isSeen(fileName: string, note: { readonly text: string; readonly changedAt: number }): boolean;
}

/** `startedAt`: ms; what is older stands in the prompt. */
export function createSeenNotes(startedAt: number): SeenNotes {
  const digests = new Map<string, string>();
  return {
    see(fileName, text) {
      digests.set(fileName, digestOf(text));
    },
    isSeen(fileName, { text, changedAt }) {
      const seen = digests.get(fileName);
      return seen === undefined ? changedAt <= startedAt : seen === digestOf(text);
    },
  };
}
