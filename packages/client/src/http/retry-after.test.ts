import { describe, expect, test } from 'vitest';
import { MAX_RETRY_AFTER_MS, readRetryAfter } from './retry-after.ts';

const NOW = Date.UTC(2026, 4, 10, 8, 0, 0);

describe('readRetryAfter', () => {
  test.each([
    ['seconds', '7', 7000],
    ['no wait at all', '0', 0],
    ['space around it', ' 3 ', 3000],
    ['a date', 'Sun, 10 May 2026 08:00:20 GMT', 20_000],
    ['a date that has passed', 'Sun, 10 May 2026 07:00:00 GMT', 0],
    ['more than anybody should wait', '999999999', MAX_RETRY_AFTER_MS],
    ['a far date', 'Tue, 10 May 2044 08:00:00 GMT', MAX_RETRY_AFTER_MS],
    ['nothing', undefined, undefined],
    ['an empty text', '', undefined],
    ['a fraction', '1.5', undefined],
    ['a negative number', '-1', undefined],
    ['a date without its zone', 'Sun, 10 May 2026 08:00:20', undefined],
    ['a date that does not exist', 'Sun, 45 May 2026 08:00:20 GMT', undefined],
    ['other text', 'soon', undefined],
  ])('reads %s', (_what, header, expected) => {
    expect(readRetryAfter(header, NOW)).toBe(expected);
  });
});
