// Fingerprints of arguments and of what was said: equal things have equal ones, and nothing can be read from them.
import { createHash } from 'node:crypto';
import type { JsonValue } from '@puffo/base';

export function digestOf(value: JsonValue): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

export function digestOfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
