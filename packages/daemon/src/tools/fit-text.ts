// Results as engines can show them: no longer than the shortest of them shows, cut between items. spec: mcp-tools 3.6
import { countCharacters, takeCharacters } from '@puffo/agent';

export const MAX_RESULT_CHARACTERS = 8000;
const ROOM_FOR_HINT = 200;

/** `hint`: how to get the rest. */
export function fitText(text: string, { maxCharacters = MAX_RESULT_CHARACTERS, hint = 'ask for less' } = {}): string {
  if (countCharacters(text) <= maxCharacters) return text;
  const kept = takeCharacters(text, maxCharacters - ROOM_FOR_HINT);
  const end = kept.lastIndexOf('\n');
  return `${end > 0 ? kept.slice(0, end) : kept}\n… (cut here: ${hint})`;
}

export interface ListToFit {
  readonly head: readonly string[];
  readonly items: readonly string[];
  readonly tail: readonly string[];
  /** The first items are the ones to leave out, as in a history that ends now. */
  readonly keepsEnd?: boolean;
}

/** As many whole items as there is room for. */
export function fitItems({ head, items, tail, keepsEnd = false }: ListToFit): {
  readonly shown: readonly string[];
  readonly room: number;
} {
  const around = [...head, ...tail].reduce((sum, line) => sum + countCharacters(line) + 1, 0);
  let room = MAX_RESULT_CHARACTERS - ROOM_FOR_HINT - around;
  const shown: string[] = [];
  for (const item of keepsEnd ? items.toReversed() : items) {
    const size = countCharacters(item) + 1;
    if (size > room) break;
    room -= size;
    shown.push(item);
  }
  return { shown: keepsEnd ? shown.toReversed() : shown, room };
}
