import { isJsonObject, type JsonObject } from '@puffo/base';
import { decodeJson, LIMITS } from '@puffo/protocol';

/** A value that was JSON when it was stored; not an object: the table was changed by other hands. */
export function readStoredObject(text: string): JsonObject {
  const value = readStored(text);
  if (isJsonObject(value)) return value;
  throw new TypeError('Cannot read a stored value: it is no JSON object');
}

export function readStoredTexts(text: string): readonly string[] {
  const value = readStored(text);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function readStored(text: string): unknown {
  return decodeJson(text, { what: 'stored value', maxLength: 2 * LIMITS.jsonBodyBytes });
}
