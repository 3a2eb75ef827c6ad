import type { Limiter } from './limiter.ts';
import { secondsToEnd, setBounded, windowStartOf } from './rate-window.ts';

/** About 10 MiB. */
const MAX_KEYS = 100_000;

interface Window {
  readonly start: number;
  count: number;
}

export function createMemoryLimiter(now: () => number): Limiter {
  const windows = new Map<string, Window>();

  return {
    take(key, rate) {
      const at = now();
      const start = windowStartOf(at, rate);
      let window = windows.get(key);
      if (window === undefined || window.start !== start) {
        window = { start, count: 0 };
        setBounded(windows, { key, value: window, maxKeys: MAX_KEYS });
      }
      if (window.count >= rate.limit) return Promise.resolve(secondsToEnd(start, { ...rate, now: at }));
      window.count += 1;
      return Promise.resolve(undefined);
    },
  };
}
