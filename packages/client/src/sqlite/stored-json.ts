// JSON that this device wrote itself. What cannot be read is damage, and not an attack.
import { isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';
import { ClientError } from '../client-error.ts';

const LIMITS = { maxLength: 16 * 1024 * 1024, maxDepth: 64, integers: 'any' } as const;

export function readStoredJson(text: string, what: string): JsonValue {
  const result = safeParseJson(text, LIMITS);
  if (result.kind === 'value') return result.value;
  throw damaged(what);
}

export function readStoredObject(text: string, what: string): JsonObject {
  const value = readStoredJson(text, what);
  if (isJsonObject(value)) return value;
  throw damaged(what);
}

function damaged(what: string): ClientError {
  const message = `Cannot read ${what}: its record is damaged; restore the database from a backup`;
  return new ClientError(message, { code: 'store-failed' });
}
