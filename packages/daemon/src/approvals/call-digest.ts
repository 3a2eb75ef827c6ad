// One short name for a tool with its exact arguments: consent to one is no consent to anything else. spec: runtimes 5.9
import { createHash } from 'node:crypto';
import type { JsonValue } from '@puffo/base';
import { canonicalize, ProtocolError } from '@puffo/protocol';
import { MAX_INPUT_CHARACTERS, MAX_INPUT_DEPTH } from '../store/approval-row.ts';

/** `undefined`: they are too large, or no JSON. */
export function callDigest(toolName: string, input: JsonValue): string | undefined {
  if (depthOf(input, 0) > MAX_INPUT_DEPTH) return undefined;
  let text: string;
  try {
    text = canonicalize([toolName, input]);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
  return text.length > MAX_INPUT_CHARACTERS ? undefined : createHash('sha256').update(text).digest('base64url');
}

/** Looks no deeper than it has to. */
function depthOf(value: JsonValue, depth: number): number {
  if (value === null || typeof value !== 'object' || depth > MAX_INPUT_DEPTH) return depth;
  let deepest = depth + 1;
  for (const member of Object.values(value)) {
    if (member !== undefined) deepest = Math.max(deepest, depthOf(member, depth + 1));
  }
  return deepest;
}
