// Counts in the table, so that a limit holds however many nodes serve a caller. A node takes a small share of what is left
// at once and spends it in memory: asking the table for every request would cost more than most requests.
import type { Database } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import type { Limiter, Rate } from './limiter.ts';
import { secondsToEnd, setBounded, windowStartOf } from './rate-window.ts';

const MAX_KEYS = 100_000;
/** A node holds at most this part of a limit unspent; limits below are counted one by one. */
const SHARES = 50;

interface Share {
  readonly start: number;
  /** Taken from the table and not yet spent. */
  left: number;
  /** Nothing is left in the table for this window. */
  isExhausted: boolean;
  /** One question at a time per key. */
  asking: Promise<void> | undefined;
}

export function createSharedLimiter(database: Database<ServerSchema>, now: () => number): Limiter {
  const shares = new Map<string, Share>();

  function shareOf(key: string, start: number): Share {
    const known = shares.get(key);
    if (known !== undefined && known.start >= start) return known;
    const share: Share = { start, left: 0, isExhausted: false, asking: undefined };
    setBounded(shares, { key, value: share, maxKeys: MAX_KEYS });
    return share;
  }

  return {
    async take(key, rate) {
      const at = now();
      const share = shareOf(key, windowStartOf(at, rate));
      while (share.left === 0) {
        if (share.isExhausted) return secondsToEnd(share.start, { ...rate, now: at });
        share.asking ??= askFor(share, { database, key, rate }).finally(() => {
          share.asking = undefined;
        });
        await share.asking;
      }
      share.left -= 1;
      return undefined;
    },
  };
}

interface Question {
  readonly database: Database<ServerSchema>;
  readonly key: string;
  readonly rate: Rate;
}

async function askFor(share: Share, { database, key, rate }: Question): Promise<void> {
  const wanted = Math.max(1, Math.floor(rate.limit / SHARES));
  const taken = await addToWindow(database, { key, start: share.start, wanted });
  share.left = Math.min(Math.max(0, rate.limit - (taken - wanted)), wanted);
  share.isExhausted = share.left === 0;
}

/** Returns the count after adding. A node whose clock is behind counts in the window that the others are in. */
async function addToWindow(
  { db }: Database<ServerSchema>,
  { key, start, wanted }: { readonly key: string; readonly start: number; readonly wanted: number },
): Promise<number> {
  const { count } = await db
    .insertInto('rate_windows')
    .values({ key, window_start: start, count: wanted })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: (eb) =>
          eb
            .case()
            .when('excluded.window_start', '>', eb.ref('rate_windows.window_start'))
            .then(eb.ref('excluded.count'))
            .else(eb('rate_windows.count', '+', eb.ref('excluded.count')))
            .end(),
        window_start: (eb) =>
          eb
            .case()
            .when('excluded.window_start', '>', eb.ref('rate_windows.window_start'))
            .then(eb.ref('excluded.window_start'))
            .else(eb.ref('rate_windows.window_start'))
            .end(),
      }),
    )
    .returning('count')
    .executeTakeFirstOrThrow();
  return count;
}
