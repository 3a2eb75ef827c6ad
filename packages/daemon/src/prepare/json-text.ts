// Settings of programs of vendors: theirs to change at any time, so what is not understood is left alone.
import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import type { BoundedFile } from './read-bounded.ts';

/** Histories of projects are in some of them. */
export const MAX_SETTINGS_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 64;

/** `undefined`: it is empty, or no JSON object. Fails when it may be one that this program cannot write again unchanged. */
export function parseJsonText(file: BoundedFile, path: string): JsonObject | undefined {
  const text = new TextDecoder('utf-8').decode(file.bytes);
  const result = safeParseJson(text, { maxLength: MAX_SETTINGS_BYTES, maxDepth: MAX_DEPTH, integers: 'safe' });
  if (!file.isCut && result.kind === 'value') return isJsonObject(result.value) ? result.value : undefined;
  if (!file.isCut && result.kind === 'refused' && result.problem === 'syntax') return undefined;
  throw new DaemonError(`Cannot use ${path}: it is too large or unusual JSON; look at it and change it by hand`, {
    code: 'invalid-file',
  });
}
