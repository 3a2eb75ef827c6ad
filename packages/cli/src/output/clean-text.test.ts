import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanLines, cleanName } from './clean-text.ts';

// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/u;

describe('cleaned text', () => {
  test.each([
    ['an escape sequence', 'a\u001b[31mred', 'a␛[31mred'],
    ['the sequence that sets the title of the window', '\u001b]0;hello\u0007', '␛]0;hello␇'],
    ['the one-character form of the same', '\u009b31m', '\\x9b31m'],
    ['a backspace over what stood before', 'yes\b\b\bno', 'yes␈␈␈no'],
    ['delete', 'a\u007fb', 'a␡b'],
    ['an override of the direction', 'photo\u202egpj.exe', 'photogpj.exe'],
    ['isolates', '\u2066a\u2069', 'a'],
    ['invisible tags', 'a\u{e0041}b', 'ab'],
    ['half a character', 'a\ud800b', 'a\ufffdb'],
    ['a tab', 'a\tb', 'a    b'],
  ])('shows %s', (_what, text, shown) => {
    expect(cleanName(text)).toBe(shown);
    expect(cleanLines(text)).toEqual([shown]);
  });

  test('leaves other languages and emoji as they are', () => {
    for (const text of ['Zoë', '你好', 'مرحبا', '👩‍👩‍👧', 'e\u0301']) expect(cleanName(text)).toBe(text);
  });

  test('of a name has one line, and is not longer than allowed', () => {
    expect(cleanName(' a\r\nb\u2028c\n')).toBe('a b c');
    expect(cleanName('x'.repeat(1000))).toHaveLength(100);
    expect(cleanName('abcdef', 4)).toBe('abc…');
  });

  test('of a message keeps its lines, whichever way they were broken', () => {
    expect(cleanLines('a\nb\r\nc\rd\u2028e')).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('holds nothing that a terminal acts on, whatever was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const shown of [cleanName(text), ...cleanLines(text)]) {
          expect(HARMFUL.test(shown)).toBe(false);
          expect(stripVTControlCharacters(shown)).toBe(shown);
        }
      }),
    );
  });
});
