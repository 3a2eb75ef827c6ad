import type { JsonValue } from '@puffo/base';

/** What a terminal might act on although it stands in a JSON text. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** One line. Means the same as any other JSON of `value`, and is harmless on a terminal. */
export function formatJson(value: JsonValue): string {
  return JSON.stringify(value).replace(UNSAFE, escapeUnit);
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
