// The arguments of a tool call as a person reads them before they decide: exact, one line for each, and nothing in them that could
// look like something else. spec: runtimes 5.9
import { isJsonObject, type JsonValue } from '@puffo/base';
import { countCharacters, takeCharacters } from '../text/clean-text.ts';

/** Code points. What is not shown is not decided about in the open, so there is room for real commands. */
const MAX_VALUE_CHARACTERS = 1500;
const MAX_TOTAL_CHARACTERS = 4000;
const MAX_KEY_CHARACTERS = 60;
const MAX_LINES = 40;

/** JSON leaves these as they are; people would not see them, or would see something else. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

export interface ShownArguments {
  readonly lines: readonly string[];
  /** Something was left out, and the lines say so. */
  readonly isCut: boolean;
}

/** JSON of `value` in which everything can be seen. */
export function visibleJson(value: JsonValue): string {
  return JSON.stringify(value).replace(UNSEEN, escapeCharacter);
}

export function showArguments(input: JsonValue): ShownArguments {
  const entries = isJsonObject(input) ? Object.entries(input) : [['input', input] as const];
  const lines: string[] = [];
  let left = MAX_TOTAL_CHARACTERS;
  let isCut = false;
  for (const [index, [key, value]] of entries.entries()) {
    if (value === undefined) continue;
    if (left <= 0 || index >= MAX_LINES) {
      lines.push(`… and ${entries.length - index} more that are not shown`);
      return { lines, isCut: true };
    }
    const shown = cut(visibleJson(value), Math.min(MAX_VALUE_CHARACTERS, left));
    left -= countCharacters(shown.text);
    isCut ||= shown.isCut;
    lines.push(`${keyText(key)}: ${shown.text}`);
  }
  return { lines, isCut };
}

function keyText(key: string): string {
  return /^\w{1,60}$/.test(key) ? key : cut(visibleJson(key), MAX_KEY_CHARACTERS).text;
}

function cut(text: string, maxCharacters: number): { readonly text: string; readonly isCut: boolean } {
  const start = takeCharacters(text, maxCharacters);
  if (start.length === text.length) return { text, isCut: false };
  return { text: `${start}… (cut: the first ${maxCharacters} of ${countCharacters(text)} characters)`, isCut: true };
}

function escapeCharacter(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    const unit = character.charCodeAt(at).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
}
