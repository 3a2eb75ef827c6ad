import type { Database } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import { countPending } from '../messages/pending-store.ts';

const KEEP_MS = 15_000;

/** Deliveries without an acknowledgement. Counting looks at every set of every device, so an answer is used for a while. */
export function createCountQueued({ db }: Database<ServerSchema>, now: () => number): () => Promise<number> {
  let last: { readonly at: number; readonly count: Promise<number> } | undefined;

  async function count(): Promise<number> {
    try {
      return await countPending(db);
    } catch (error) {
      last = undefined;
      throw error;
    }
  }

  return () => {
    const isFresh = last !== undefined && Math.abs(now() - last.at) < KEEP_MS;
    if (last === undefined || !isFresh) last = { at: now(), count: count() };
    return last.count;
  };
}
