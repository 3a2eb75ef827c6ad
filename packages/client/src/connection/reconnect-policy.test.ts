import { expect, test } from 'vitest';
import { type Random, seededRandom } from '@puffo/base';
import { judgeEnd } from './reconnect-policy.ts';

/** Always the lowest, always the highest. */
const lowest: Random = { bytes: (length) => new Uint8Array(length) };
const highest: Random = { bytes: (length) => new Uint8Array(length).fill(255) };

test.each([
  ['a first failure waits one to two seconds', { code: 1006, livedMs: 0 }, 0, [1000, 1999], 1],
  ['a second one up to four', { code: 1006, livedMs: 0 }, 1, [1000, 3999], 2],
  ['many in a row up to a minute', { code: 1006, livedMs: 0 }, 30, [1000, 59_999], 31],
  ['a normal end waits as well', { code: 1000, livedMs: 0 }, 3, [1000, 15_999], 4],
  ['so does one by a server that goes away', { code: 1001, livedMs: 59_999 }, 3, [1000, 15_999], 4],
  ['a connection that lived a minute starts over', { code: 1012, livedMs: 60_000 }, 9, [1000, 1999], 1],
  ['a refused subkey is as good a reason to wait', { code: 4401, livedMs: 0 }, 2, [1000, 7999], 3],
  ['an unknown code is no reason to give up', { code: 4999, livedMs: 0 }, 0, [1000, 1999], 1],
  ['no socket at all is a failure', { code: undefined, livedMs: 0 }, 0, [1000, 1999], 1],
  [
    'the wish of the server is respected',
    { code: undefined, livedMs: 0, retryAfterMs: 90_000 },
    0,
    [90_000, 90_000],
    1,
  ],
  ['but not for ever', { code: undefined, livedMs: 0, retryAfterMs: 9e9 }, 0, [300_000, 300_000], 1],
] as const)('%s', (_name, ended, failures, [least, most], next) => {
  const expected = { kind: 'retry', failures: next };
  expect(judgeEnd(ended, { failures, random: lowest })).toEqual({ ...expected, waitMs: least });
  expect(judgeEnd(ended, { failures, random: highest })).toEqual({ ...expected, waitMs: most });
});

test('a device that is revoked is not tried again', () => {
  expect(judgeEnd({ code: 4403, livedMs: 90_000 }, { failures: 0, random: lowest })).toEqual({ kind: 'stop' });
});

test('many that failed together do not come back together', () => {
  const waits = Array.from({ length: 50 }, (_, seed) => {
    const next = judgeEnd({ code: 1012, livedMs: 0 }, { failures: 5, random: seededRandom(seed) });
    return next.kind === 'retry' ? next.waitMs : 0;
  });
  expect(new Set(waits).size).toBeGreaterThan(40);
});
