// What a model reads when a reminder that it set is due, or was. spec: mcp-tools 10
const LATE_AFTER_MS = 2 * 60_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface DueReminder {
  readonly text: string;
  /** ms */
  readonly createdAt: number;
  readonly dueAt: number;
}

export function reminderNotice({ text, createdAt, dueAt }: DueReminder, now: number): string {
  const head = `Reminder that you set at ${isoTime(createdAt)}`;
  const lateMs = now - dueAt;
  if (lateMs < LATE_AFTER_MS) return `${head}: ${text}`;
  return `${head}; this was due at ${isoTime(dueAt)}, ${durationText(lateMs)} ago: ${text}`;
}

/** In the largest unit of which there is one at least. */
export function durationText(durationMs: number): string {
  if (durationMs >= DAY_MS) return counted(durationMs / DAY_MS, 'day');
  if (durationMs >= HOUR_MS) return counted(durationMs / HOUR_MS, 'hour');
  return counted(durationMs / MINUTE_MS, 'minute');
}

function counted(amount: number, unit: string): string {
  const count = Math.max(1, Math.floor(amount));
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function isoTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}+00:00`;
}
