import { mentions, parseSlug } from '@puffo/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mentionSelf } from './mention-self.ts';

const slug = parseSlug('bot-1');

it.each([
  ['@bot-1', '@you(bot-1)'],
  ['hey @bot-1, and @bot-1!', 'hey @you(bot-1), and @you(bot-1)!'],
  ['@bot-12 @bot-1-2 mail@bot-1', '@bot-12 @bot-1-2 mail@bot-1'],
  ['你好@bot-1你好', '你好@you(bot-1)你好'],
])('turns %s into %s', (text, expected) => {
  expect(mentionSelf(text, slug)).toBe(expected);
});

it('agrees with the protocol about what a mention is', () => {
  const piece = fc.constantFrom('@', 'bot-1', '-', 'x', ' ', '.', 'X', '你', '@bot-1');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      expect(mentionSelf(text, slug) !== text).toBe(mentions(text, slug));
    }),
  );
});
