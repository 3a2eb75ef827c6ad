// What waits to be looked at, in the order of the server.
import type { Delivery } from './delivery.ts';

export interface Backlog {
  readonly size: number;
  /** In any order; without a number they stay in the order in which they came, after those that have one. */
  add(deliveries: readonly Delivery[]): void;
  /** The first ones, at most as many. */
  take(count: number): readonly Delivery[];
  /** Whether something in it comes before this one. */
  isBefore(delivery: Delivery): boolean;
}

export function createBacklog(): Backlog {
  let waiting: Delivery[] = [];
  return {
    get size() {
      return waiting.length;
    },
    add(deliveries) {
      const last = waiting.at(-1);
      const [only] = deliveries;
      // What is live comes one by one and in order.
      if (deliveries.length === 1 && only !== undefined && (last === undefined || compareSeq(last, only) <= 0)) {
        waiting.push(only);
        return;
      }
      waiting = [...waiting, ...deliveries].sort(compareSeq);
    },
    take: (count) => waiting.splice(0, count),
    isBefore(delivery) {
      const [first] = waiting;
      return first !== undefined && compareSeq(first, delivery) < 0;
    },
  };
}

function compareSeq(left: Delivery, right: Delivery): number {
  const [a, b] = [left.seq ?? Infinity, right.seq ?? Infinity];
  return a === b ? 0 : a < b ? -1 : 1;
}
