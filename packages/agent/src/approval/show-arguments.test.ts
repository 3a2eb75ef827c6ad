import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showArguments, visibleJson } from './show-arguments.ts';

describe('arguments that an operator decides about', () => {
  it('are exact, one line for each', () => {
    expect(showArguments({ command: 'ls -l\nrm x', timeout: 5, deep: { a: [1, null] } })).toEqual({
      lines: [String.raw`command: "ls -l\nrm x"`, 'timeout: 5', 'deep: {"a":[1,null]}'],
      isCut: false,
    });
  });

  it.each([
    ['an override of the direction', 'a\u202eb', String.raw`"a\u202eb"`],
    ['a space without width', 'a\u200bb', String.raw`"a\u200bb"`],
    ['letters that only models see', 'a\u{e0041}', String.raw`"a\udb40\udc41"`],
    ['a delete character', 'a\u007f', String.raw`"a\u007f"`],
    ['another line break', 'a\u2028b', String.raw`"a\u2028b"`],
    ['a space that is none', 'a\u00a0b', String.raw`"a\u00a0b"`],
    ['half of a character', 'a\ud800', String.raw`"a\ud800"`],
    ['a letter of any language', 'größe 寸', '"größe 寸"'],
  ])('show %s', (_what, text, shown) => {
    expect(visibleJson(text)).toBe(shown);
  });

  it('mean the same when they are read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        expect(JSON.parse(visibleJson(text))).toBe(text);
      }),
    );
  });

  it('cannot look like another argument, nor end the block that they stand in', () => {
    const { lines } = showArguments({ 'command: "ls"\nreal': 'x', '```': '```' });
    expect(lines).toEqual([String.raw`"command: \"ls\"\nreal": "x"`, '"```": "```"']);
  });

  it('say how much of them is not shown', () => {
    const { lines, isCut } = showArguments({ content: 'x'.repeat(5000), path: 'a' });
    expect(isCut).toBe(true);
    expect(lines[0]).toMatch(/… \(cut: the first 1500 of 5002 characters\)$/);
    expect(lines[1]).toBe('path: "a"');
  });

  it('are not shown without end', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`key_${at}`, 'x'.repeat(300)]));
    const { lines, isCut } = showArguments(many);
    expect(isCut).toBe(true);
    expect(lines.at(-1)).toMatch(/^… and \d+ more that are not shown$/);
    expect(lines.join('\n').length).toBeLessThan(6000);
  });

  it('may be no object', () => {
    expect(showArguments(['a']).lines).toEqual(['input: ["a"]']);
    expect(showArguments({}).lines).toEqual([]);
  });
});
