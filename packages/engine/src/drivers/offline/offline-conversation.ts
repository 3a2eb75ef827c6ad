// What a session of the offline model remembers: how often it was spoken to, and the latest of what it heard.
import { isJsonArray, isJsonObject } from '@puffo/base';
import type { SessionRef } from '../../spec/engine.ts';

export interface OfflineConversation {
  /** The one that runs included. */
  readonly turns: number;
  /** Oldest first. */
  readonly heard: readonly string[];
}

const VERSION = 1;
const MAX_HEARD = 20;
const MAX_CHARACTERS = 2000;

export function remember({ turns, heard }: OfflineConversation, text: string): OfflineConversation {
  return { turns: turns + 1, heard: [...heard, text.slice(0, MAX_CHARACTERS)].slice(-MAX_HEARD) };
}

export function toOfflineRef({ turns, heard }: OfflineConversation): SessionRef {
  return { offline: VERSION, turns, heard: [...heard] };
}

/** `undefined`: not written by this version, or more than it would have written. */
export function readOfflineRef(ref: SessionRef | undefined): OfflineConversation | undefined {
  if (!isJsonObject(ref) || ref['offline'] !== VERSION) return undefined;
  const { turns, heard = null } = ref;
  if (typeof turns !== 'number' || !Number.isSafeInteger(turns) || turns < 0) return undefined;
  if (!isJsonArray(heard) || heard.length > MAX_HEARD) return undefined;
  const texts = heard.flatMap((each) => (typeof each === 'string' && each.length <= MAX_CHARACTERS ? [each] : []));
  return texts.length === heard.length ? { turns, heard: texts } : undefined;
}
