// What the daemon keeps of a thread. spec: runtimes 10.3
import { isJsonObject } from '@puffo/base';
import type { SessionRef } from '../../spec/engine.ts';

const THREAD_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

export function toSessionRef(threadId: string | undefined): SessionRef {
  return { codex: threadId ?? null };
}

/** `undefined`: there is no thread, or it is somebody else's reference. */
export function readSessionRef(ref: SessionRef | undefined): string | undefined {
  if (!isJsonObject(ref)) return undefined;
  const { codex } = ref;
  return typeof codex === 'string' && THREAD_ID.test(codex) ? codex : undefined;
}
