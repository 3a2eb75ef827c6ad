import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MIN_PART_CHARACTERS, splitText } from './split-text.ts';

const MANY = { maxCharacters: 200, maxParts: 1000 };
const LINE = 'x'.repeat(60);
const FENCE = '```';

function withoutSpace(text: string): string {
  return text.replace(/\s/g, '');
}

function fenceLines(text: string): number {
  return text.split('\n').filter((line) => line.startsWith(FENCE)).length;
}

describe('a text', () => {
  it('that fits stays as it is, but for white space around it', () => {
    expect(splitText('\n  a\n\n  b \n', MANY)).toEqual(['a\n\n  b']);
    expect(splitText(' \n', MANY)).toEqual([]);
    expect(splitText('x'.repeat(200), MANY)).toHaveLength(1);
  });

  it.each<[string, string, readonly string[]]>([
    ['paragraphs', `${LINE}\n${LINE}\n\n${LINE}\n${LINE}`, [`${LINE}\n${LINE}`, `${LINE}\n${LINE}`]],
    ['lines', `${LINE}\n${LINE}\n${LINE}\n    ${LINE}`, [`${LINE}\n${LINE}\n${LINE}`, `    ${LINE}`]],
    ['words', `${LINE} ${LINE} ${LINE} ${LINE}`, [`${LINE} ${LINE} ${LINE}`, LINE]],
    ['characters', '😀'.repeat(101), ['😀'.repeat(100), '😀']],
    ['characters that do not end where a part does', `a${'😀'.repeat(100)}`, [`a${'😀'.repeat(99)}`, '😀']],
  ])('is cut at %s', (_where, text, parts) => {
    expect(splitText(text, MANY)).toEqual(parts);
  });

  it('has no part of nothing but an indentation', () => {
    const parts = splitText(`${LINE}\n${LINE}\n${LINE}\n${' '.repeat(30)}${'x'.repeat(300)}`, MANY);
    expect(parts.map((part) => part.trim().length)).toEqual([182, 170, 130]);
  });

  it('that is too much for all parts says how much is missing', () => {
    const parts = splitText('x'.repeat(200_000), { maxCharacters: 1000, maxParts: 2 });
    expect(parts).toHaveLength(2);
    const kept = (parts[1] ?? '').indexOf('\n');
    expect(parts[0]).toBe('x'.repeat(1000));
    expect(parts[1]).toBe(
      `${'x'.repeat(kept)}\n\n(Cut here: ${199_000 - kept} more characters are too much to post. Ask for the part that you need.)`,
    );
    expect(parts[1]?.length).toBeLessThanOrEqual(1000);
  });

  it('cannot be cut into parts that are too small', () => {
    expect(() => splitText('x', { maxCharacters: MIN_PART_CHARACTERS - 1, maxParts: 1 })).toThrow('Cannot split text');
    expect(() => splitText('x', { maxCharacters: MIN_PART_CHARACTERS, maxParts: 0 })).toThrow('Cannot split text');
  });

  it('loses nothing but white space, and no part is too long or empty', () => {
    const piece = fc.oneof(
      fc.constantFrom(' ', '\n', '\n\n', '\t', ' '.repeat(50), '\n'.repeat(30)),
      fc.string({ unit: 'grapheme', maxLength: 120 }).map((text) => text.replaceAll('`', '').replaceAll('~', '')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 200, max: 400 }), (pieces, maxCharacters) => {
        const text = pieces.join('');
        const parts = splitText(text, { maxCharacters, maxParts: 1000 });
        expect(withoutSpace(parts.join(''))).toBe(withoutSpace(text));
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(maxCharacters);
          expect(part.trim()).not.toBe('');
          expect(part.isWellFormed()).toBe(text.isWellFormed());
        }
      }),
    );
  });
});

describe('a code block', () => {
  it('ends with its part and begins again with the next, in its language', () => {
    const code = Array.from({ length: 5 }, (_, index) => `  ${index}${LINE}`).join('\n');
    const [first, second] = splitText(`See:\n\n${FENCE}ts\n${code}\n${FENCE}\n\nDone.`, {
      ...MANY,
      maxCharacters: 220,
    });
    expect(first).toBe(`See:\n\n${FENCE}ts\n  0${LINE}\n  1${LINE}\n  2${LINE}\n${FENCE}`);
    expect(second).toBe(`${FENCE}ts\n  3${LINE}\n  4${LINE}\n${FENCE}\n\nDone.`);
  });

  it('that ends at a cut does not begin again', () => {
    const code = `${FENCE}\n${LINE}\n${LINE}\n${LINE}\n${FENCE}`;
    expect(splitText(`${code}\n\nAnd then.`, { ...MANY, maxCharacters: 200 })).toEqual([code, 'And then.']);
  });

  it('that begins at a cut begins with the next part', () => {
    const text = `${LINE}\n${LINE}\n${LINE}\n${FENCE}js\n${LINE}\n${FENCE}`;
    expect(splitText(text, MANY)).toEqual([`${LINE}\n${LINE}\n${LINE}`, `${FENCE}js\n${LINE}\n${FENCE}`]);
  });

  it('is balanced in every part, and no line of code is lost', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.'), maxLength: 90 });
    const block = fc.tuple(fc.constantFrom('', 'ts', 'python'), fc.array(line, { maxLength: 12 }));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(line, block), { maxLength: 12 }),
        fc.integer({ min: 200, max: 500 }),
        fc.integer({ min: 1, max: 40 }),
        (items, maxCharacters, maxParts) => {
          const lines = items.flatMap((item) =>
            typeof item === 'string' ? [item] : [`${FENCE}${item[0]}`, ...item[1], FENCE],
          );
          const parts = splitText(lines.join('\n'), { maxCharacters, maxParts });
          expect(parts.length).toBeLessThanOrEqual(maxParts);
          for (const part of parts) {
            expect(part.length).toBeLessThanOrEqual(maxCharacters);
            expect(fenceLines(part) % 2).toBe(0);
          }
          if (parts.at(-1)?.includes('(Cut here')) return;
          const plain = (texts: readonly string[]): string =>
            withoutSpace(texts.filter((each) => !each.startsWith(FENCE)).join(''));
          expect(plain(parts.flatMap((part) => part.split('\n')))).toBe(plain(lines));
        },
      ),
    );
  });

  it('that makes no sense does no harm', () => {
    const marks = fc.constantFrom(
      FENCE,
      '~~~~',
      '`',
      `\n${FENCE}`,
      `\n  ${'`'.repeat(20)}x`,
      '\n~~~',
      '\n',
      ' ',
      LINE,
      '\n'.repeat(9),
    );
    const indentation = fc.nat(80).map((count) => `\n${' '.repeat(count)}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(marks, indentation), { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const parts = splitText(text, { maxCharacters: 200, maxParts: 1000 });
        expect(parts.length === 0).toBe(text.trim() === '');
        expect(parts.filter((part) => part.length > 200 || part.trim() === '')).toEqual([]);
        expect(parts.join('').replace(/[^x]/g, '').length).toBeGreaterThanOrEqual(text.replace(/[^x]/g, '').length);
      }),
    );
  });
});
