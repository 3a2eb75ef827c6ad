// Signed objects as the tables hold them: the JSON text of what was received, member for member.
import type { JsonObject } from '@puffo/base';
import { decodeJsonObject } from '@puffo/protocol';
import { ServerError } from '../errors.ts';

/** A certificate is below 1000 characters; the rest is room for members this version does not know. */
const MAX_CHARACTERS = 4096;

/** `what`: names the object in the refusal of one that is too large. */
export function encodeStored(object: JsonObject, what: string): string {
  const text = JSON.stringify(object);
  if (text.length <= MAX_CHARACTERS) return text;
  const message = `Cannot store ${what}: it has ${text.length} characters, allowed are ${MAX_CHARACTERS}`;
  throw new ServerError('INVALID_PAYLOAD', message, { field: what });
}

export function decodeStored(text: string, what: string): JsonObject {
  return decodeJsonObject(text, { what, maxLength: text.length });
}
