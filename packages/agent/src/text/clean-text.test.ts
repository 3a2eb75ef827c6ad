import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLine, cleanText, countCharacters, takeCharacters } from './clean-text.ts';

describe('a line', () => {
  it.each([
    ['has no line breaks', 'a\r\nb\u2028c\u000bd', 'a b c d'],
    ['has no controls and nothing that turns it round', '\u001b[2Ja\u202eb\u0000', '[2Jab'],
    ['is short', 'abcdefghijk', 'abcdefghi…'],
    ['is cut between characters', '😀'.repeat(11), `${'😀'.repeat(9)}…`],
    ['may be full', 'abcdefghij', 'abcdefghij'],
    ['may be empty', ' \n ', ''],
    ['is whole letters', 'a\ud800', 'a\ufffd'],
  ])('%s', (_what, text, expected) => {
    expect(cleanLine(text, 10)).toBe(expected);
  });

  it('never has more characters than it may', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 30 }), (text, max) => {
        expect(countCharacters(cleanLine(text, max))).toBeLessThanOrEqual(max);
      }),
    );
  });
});

describe('a text', () => {
  it('keeps its lines, tabs and languages', () => {
    expect(cleanText(' a\r\n\tb\rc\u2028\u202bd\u0007 ')).toBe('a\n\tb\nc\n\u202bd');
  });
});

it('takes so many characters as they are counted', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(30), (text, count) => {
      expect(takeCharacters(text, count)).toBe(Array.from(text).slice(0, count).join(''));
      expect(countCharacters(text)).toBe(Array.from(text).length);
    }),
  );
});
