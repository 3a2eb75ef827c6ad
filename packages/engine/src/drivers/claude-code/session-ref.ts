// What is kept of a session of Claude Code between two runs. spec: runtimes 5.3
import { isJsonObject } from '@puffo/base';
import type { SessionRef } from '../../spec/engine.ts';

const HARNESS = 'claude-code';
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** `undefined`: not ours, or of a session that nothing was said in. */
export function readSessionRef(ref: SessionRef | undefined): string | undefined {
  if (!isJsonObject(ref) || ref['harness'] !== HARNESS) return undefined;
  const id = ref['session_id'];
  return typeof id === 'string' && UUID.test(id) ? id : undefined;
}

export function toSessionRef(id: string | undefined): SessionRef {
  return id === undefined ? null : { harness: HARNESS, session_id: id };
}
