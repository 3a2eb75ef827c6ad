// How long what was read of a slug may be used without asking again.
import type { Clock } from '@puffo/base';
import type { Slug } from '@puffo/protocol';
import { createBoundedMap } from './bounded-map.ts';

/** Nothing is pushed. */
const UNCONNECTED_MS = 60_000;
/** Changes are pushed, but only to those who share a space or a conversation, and a notice may be lost. */
const CONNECTED_MS = 10 * 60_000;
/** Nobody is there, or nobody who can be believed: that may be different in a moment. */
const MISS_MS = 5000;
const MAX_SLUGS = 20_000;

export interface Freshness {
  /** To be taken before the server is asked: what happens meanwhile may be in the answer or not. */
  start(): SyncStart;
  mark(slug: Slug, start: SyncStart): void;
  /** `isKnown`: somebody who can be believed was found. */
  isFresh(slug: Slug, isKnown: boolean): boolean;
  forget(slug: Slug): void;
  forgetAll(): void;
  setConnected(isConnected: boolean): void;
}

export interface SyncStart {
  readonly at: number;
  /** Number of the connection that was open; `undefined`: none was. */
  readonly connection: number | undefined;
}

export function createFreshness(clock: Clock): Freshness {
  const marks = createBoundedMap<Slug, SyncStart>(MAX_SLUGS);
  let connections = 0;
  let connection: number | undefined;

  return {
    start: () => ({ at: clock(), connection }),
    mark: (slug, start) => marks.set(slug, start),
    isFresh(slug, isKnown) {
      const mark = marks.get(slug);
      if (mark === undefined) return false;
      const isPushed = connection !== undefined && mark.connection === connection;
      return isWithin(isKnown ? (isPushed ? CONNECTED_MS : UNCONNECTED_MS) : MISS_MS, { at: mark.at, now: clock() });
    },
    forget: (slug) => marks.delete(slug),
    forgetAll: () => marks.clear(),
    setConnected(isConnected) {
      if (isConnected) connections += 1;
      connection = isConnected ? connections : undefined;
    },
  };
}

/** A time in the future is none of this clock: it was set back. */
export function isWithin(ageMs: number, { at, now }: { readonly at: number; readonly now: number }): boolean {
  return at <= now && now - at < ageMs;
}
