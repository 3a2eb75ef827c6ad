// How often something may happen within a time that moves along.
import type { Clock } from '@puffo/base';

export interface RateLimit {
  readonly count: number;
  readonly withinMs: number;
}

export interface RateWindow {
  /** `false`: it was too often, and this time does not count. */
  take(): boolean;
}

export function createRateWindow(limits: readonly RateLimit[], clock: Clock): RateWindow {
  const longest = Math.max(...limits.map(({ withinMs }) => withinMs));
  let taken: readonly number[] = [];
  return {
    take() {
      const now = clock();
      // A clock that was put back does not lock anybody out.
      taken = taken.filter((at) => at <= now && now - at < longest);
      const isFree = limits.every(({ count, withinMs }) => taken.filter((at) => now - at < withinMs).length < count);
      if (isFree) taken = [...taken, now];
      return isFree;
    },
  };
}
