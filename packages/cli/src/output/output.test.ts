import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { columns } from './columns.ts';
import { displayWidth } from './display-width.ts';
import { formatJson } from './format-json.ts';
import { formatSize } from './format-size.ts';
import { messageTime, relativeTime } from './format-time.ts';
import { createPaint } from './paint.ts';

const NOW = new Date(2026, 4, 20, 14, 5).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('columns', () => {
  test('are aligned by what is seen, not by characters', () => {
    const paint = createPaint({ isTerminal: true, env: {} });
    const lines = columns([
      [paint.red('ab'), 'x'],
      ['你好', 'y'],
      ['👩‍👩‍👧', 'z'],
      ['e\u0301', 'w'],
    ]);
    expect(lines.map((line) => displayWidth(line))).toEqual([7, 7, 7, 7]);
  });

  test('leave no space at the end, and take rows of any length', () => {
    expect(columns([['a', ''], ['bb'], []])).toEqual(['a', 'bb', '']);
    expect(columns([])).toEqual([]);
  });
});

describe('paint', () => {
  test.each([
    ['a terminal', true, {}, true],
    ['no terminal', false, {}, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('on %s', (_what, isTerminal, env, isColoured) => {
    const text = createPaint({ isTerminal, env }).red('x');
    expect(text !== 'x').toBe(isColoured);
    expect(stripVTControlCharacters(text)).toBe('x');
  });
});

describe('times', () => {
  test.each([
    [0, 'just now'],
    [-5 * MINUTE, '5 min ago'],
    [-3 * HOUR, '3 h ago'],
    [-DAY, '1 day ago'],
    [-6 * DAY, '6 days ago'],
    [-8 * DAY, '2026-05-12'],
    [2 * HOUR, 'in 2 h'],
  ])('%i ms from now are %s', (offset, text) => {
    expect(relativeTime({ at: NOW + offset, now: NOW })).toBe(text);
  });

  test('of messages are local, and have a date on other days', () => {
    expect(messageTime({ at: NOW, now: NOW })).toBe('14:05');
    expect(messageTime({ at: NOW - DAY, now: NOW })).toBe('2026-05-19 14:05');
  });
});

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1536, '1.5 KiB'],
  [5 * 1024 * 1024, '5 MiB'],
])('%i bytes are %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

test('JSON is one line that no terminal acts on, and means the same', () => {
  const value = { text: 'a\u009b31m\u202eb\u2028\u001b', list: [1, null] };
  const text = formatJson(value);
  expect(text).toBe('{"text":"a\\u009b31m\\u202eb\\u2028\\u001b","list":[1,null]}');
  expect(JSON.parse(text)).toEqual(value);
});
