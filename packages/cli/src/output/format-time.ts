// Times as people at this machine read them.
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface Moment {
  readonly at: number;
  readonly now: number;
}

/** `5 min ago`, `in 2 h`, from a week on the date. */
export function relativeTime({ at, now }: Moment): string {
  const distance = Math.abs(now - at);
  if (distance < MINUTE_MS) return 'just now';
  if (distance >= 7 * DAY_MS) return localDate(at);
  const amount = describeDistance(distance);
  return at <= now ? `${amount} ago` : `in ${amount}`;
}

/** `14:05` today, `2026-03-01 14:05` on other days. */
export function messageTime({ at, now }: Moment): string {
  const date = new Date(at);
  const time = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
  return localDate(at) === localDate(now) ? time : `${localDate(at)} ${time}`;
}

function describeDistance(distance: number): string {
  if (distance < HOUR_MS) return `${Math.floor(distance / MINUTE_MS)} min`;
  if (distance < DAY_MS) return `${Math.floor(distance / HOUR_MS)} h`;
  const days = Math.floor(distance / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}

function localDate(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
