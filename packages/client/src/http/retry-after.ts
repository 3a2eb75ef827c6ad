// How long a server asks to wait: `Retry-After` in seconds or as a date, or `retry_after_ms` in the body. spec: wire-protocol 13.2

/** Whatever a server says, nobody is told to wait longer. */
export const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;

const SECONDS = /^[0-9]{1,15}$/;
/** `Sun, 06 Nov 1994 08:49:37 GMT`; the two older forms are not written by anybody. */
const HTTP_DATE = /^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/;

/** Milliseconds from now, bounded; `undefined` when nothing readable was said. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return boundRetryAfter(Number(text) * 1000);
  const time = readHttpDate(text);
  return time === undefined ? undefined : boundRetryAfter(time - now);
}

/** ms since the epoch. */
export function readHttpDate(text: string): number | undefined {
  const time = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

export function boundRetryAfter(delayMs: number): number {
  return Math.min(Math.max(delayMs, 0), MAX_RETRY_AFTER_MS);
}
