import { describe, expect, it } from 'vitest';
import { reminderNotice } from './reminder-notice.ts';

const DUE = Date.UTC(2026, 0, 5, 9, 0, 0);
const REMINDER = { text: 'water the plants', createdAt: DUE - 3_600_000, dueAt: DUE };

describe('the notice of a reminder', () => {
  it.each<[string, number, string]>([
    ['on time', 0, 'Reminder that you set at 2026-01-05T08:00:00+00:00: water the plants'],
    ['a minute late', 60_000, 'Reminder that you set at 2026-01-05T08:00:00+00:00: water the plants'],
    ['five minutes late', 5 * 60_000, 'this was due at 2026-01-05T09:00:00+00:00, 5 minutes ago: water the plants'],
    ['an hour late', 3_600_000, '1 hour ago'],
    ['three and a half hours late', 3.5 * 3_600_000, '3 hours ago'],
    ['two days late', 50 * 3_600_000, '2 days ago'],
  ])('says when it is %s', (_what, lateMs, words) => {
    expect(reminderNotice(REMINDER, DUE + lateMs)).toContain(words);
  });
});
