import type { Rate } from './limiter.ts';

/** Windows begin at multiples of their length, so that all nodes cut time alike. */
export function windowStartOf(now: number, { windowMs }: Rate): number {
  return Math.floor(now / windowMs) * windowMs;
}

/** Whole seconds until the window ends, at least one. */
export function secondsToEnd(start: number, { windowMs, now }: { windowMs: number; now: number }): number {
  return Math.max(1, Math.ceil((start + windowMs - now) / 1000));
}

/** A map of limited size: the key that was set longest ago gives way. */
export function setBounded<Value>(
  map: Map<string, Value>,
  { key, value, maxKeys }: { readonly key: string; readonly value: Value; readonly maxKeys: number },
): void {
  map.delete(key);
  if (map.size >= maxKeys) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  map.set(key, value);
}
