// Which messages this node has been told of. Numbers follow the order of commits, announcements may overtake each other:
// only what has nothing unannounced before it may be sent without looking at the table. spec: wire-protocol 10.6

/** Fits one statement. */
const MAX_MISSING = 500;

export interface CommitOrder {
  /** Of everything announced. */
  last: number;
  /** Numbers below `last` that were not announced, ascending, with the time they were found missing. */
  readonly missing: Map<number, number>;
}

export function createCommitOrder(last: number): CommitOrder {
  return { last, missing: new Map() };
}

/**
 * `in-order`: everything before it was announced. `early`: something before it was not. `lost`: more is missing than is
 * worth following, so everybody has to look at the table.
 */
export type Place = 'in-order' | 'early' | 'lost';

export function noteCommit(order: CommitOrder, { seq, now }: { readonly seq: number; readonly now: number }): Place {
  if (seq - order.last - 1 + order.missing.size > MAX_MISSING) {
    order.missing.clear();
    order.last = seq;
    return 'lost';
  }
  order.missing.delete(seq);
  for (let missing = order.last + 1; missing < seq; missing++) order.missing.set(missing, now);
  order.last = Math.max(order.last, seq);
  const [lowest = Infinity] = order.missing.keys();
  return lowest > seq ? 'in-order' : 'early';
}

/** Numbers that no message has, or that everybody was told to look for. */
export function forgetMissing(order: CommitOrder, numbers: Iterable<number>): void {
  for (const seq of numbers) order.missing.delete(seq);
}
