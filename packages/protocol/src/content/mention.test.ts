import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSlug } from '../ids.ts';
import { findMentions, mentions } from './mention.ts';

const helper = parseSlug('helper-9a7c');

describe('findMentions', () => {
  it.each([
    ['at the start', '@helper-9a7c hello', ['helper-9a7c']],
    ['at the end', 'hello @helper-9a7c', ['helper-9a7c']],
    ['before punctuation', 'well, @helper-9a7c! (@bob-0f42)', ['helper-9a7c', 'bob-0f42']],
    ['before a full stop', 'ask @helper-9a7c.', ['helper-9a7c']],
    ['each once, in order', '@bob-0f42 @helper-9a7c @bob-0f42', ['bob-0f42', 'helper-9a7c']],
    ['in Markdown', '**@helper-9a7c** _@bob-0f42_', ['helper-9a7c', 'bob-0f42']],
    ['in languages without spaces', '你好@helper-9a7c你好', ['helper-9a7c']],
    ['after another sign', 'cc:@helper-9a7c /@bob-0f42', ['helper-9a7c', 'bob-0f42']],
    ['after a second @', '@@helper-9a7c', ['helper-9a7c']],
    ['on another line', 'hello\n@helper-9a7c\nbye', ['helper-9a7c']],
    ['directly after another', '@bob-0f42@helper-9a7c', ['bob-0f42']],
    ['of a longer slug only', '@helper-9a7cx @helper-9a7c-2', ['helper-9a7cx', 'helper-9a7c-2']],
    ['before a capital letter', '@helper-9a7cX', ['helper-9a7c']],
    ['not in an e-mail address', 'mail carol@helper-9a7c.example', []],
    ['not in a host address', 'ssh root@node-1a2b', []],
    ['not without a slug', '@ @- @Helper-9a7c @_x', []],
    ['not of more than 63 characters', `@${'a'.repeat(64)}`, []],
    ['not in an empty text', '', []],
  ])('finds mentions %s', (_name, text, expected) => {
    expect(findMentions(text)).toEqual(expected);
  });

  it.each([
    ['many signs', '@'.repeat(700_000)],
    ['one endless name', `@${'a'.repeat(700_000)}`],
    ['many names that are too long', `@${'a'.repeat(64)}`.repeat(10_000)],
  ])('takes no time over %s', (_name, text) => {
    const start = performance.now();
    findMentions(text);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('finds every slug that stands alone', () => {
    const slug = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
    fc.assert(
      fc.property(fc.array(slug), (slugs) => {
        const text = slugs.map((name) => `@${name}, `).join('');
        expect(findMentions(text)).toEqual(Array.from(new Set(slugs)));
      }),
    );
  });
});

describe('mentions', () => {
  it.each([
    ['@helper-9a7c', true],
    ['hello @helper-9a7c, how are you', true],
    ['@helper-9a7cx', false],
    ['@helper-9a7c-', false],
    ['helper-9a7c', false],
    ['x@helper-9a7c', false],
    ['x@helper-9a7c but also @helper-9a7c', true],
  ])('in %j: %s', (text, expected) => {
    expect(mentions(text, helper)).toBe(expected);
  });

  it('agrees with the list', () => {
    const piece = fc.constantFrom('@', 'helper-9a7c', '-', 'x', ' ', '.', 'X', '你', '@helper-9a7c');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        expect(mentions(text, helper)).toBe(findMentions(text).includes(helper));
      }),
    );
  });
});
