import { expect, test } from 'vitest';
import { cutEntry, joinEntries } from './posting-entries.ts';

/** As the database does. */
function read(texts: readonly string[], place: number): string {
  const { entries, entryLength } = joinEntries(texts);
  const from = place * (entryLength + 1);
  const text =
    entryLength > 0
      ? Array.from(entries)
          .slice(from, from + entryLength)
          .join('')
      : entries;
  return cutEntry({ text, entryLength, place });
}

test.each([
  ['one', ['{"a":1}'], 7],
  ['of one length', ['{"a":1}', '{"a":2}', '{"a":3}'], 7],
  ['of several lengths', ['{"a":1}', '{"a":22}', '{}'], 0],
  ['with characters of two bytes', ['{"a":"é"}', '{"a":"b"}'], 0],
  ['with characters of two units', ['{"a":"😀"}', '{"a":"bc"}'], 0],
])('entries %s are found again', (_what, texts, entryLength) => {
  expect(joinEntries(texts).entryLength).toBe(entryLength);
  expect(texts.map((_text, place) => read(texts, place))).toEqual(texts);
});
