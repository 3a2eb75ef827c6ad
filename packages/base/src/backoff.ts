// How long to wait before trying again: doubling, with full jitter, so that many who failed together do not come back
// together.
import type { Random } from './random.ts';

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Never less than this; 0 when absent. */
  readonly minMs?: number;
}

/** `attempt`: 0 for the wait after the first failure. Between `minMs` and the doubled bound, whole milliseconds. */
export function backoffDelay({ firstMs, maxMs, minMs = 0 }: Backoff, attempt: number, random: Random): number {
  const bound = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return minMs + Math.floor(fraction(random) * Math.max(bound - minMs, 0));
}

/** In [0, 1). */
function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32;
}
