// Texts of other people, made harmless before they stand among words of ours: no control characters, nothing that reorders a
// line, nothing that only a model can see. spec: runtimes 2.3, 2.4

const LINE_BREAKS = /\r\n|[\r\u0085\u2028\u2029]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// oxlint-disable-next-line no-control-regex -- the same, and everything that starts a new line or ends a word
const SPACES_AND_CONTROLS = /[\s\u0000-\u001f\u007f-\u009f]+/g;
/** Embeddings, overrides and isolates. In a text they are somebody's language, in a name they hide what it is. */
const BIDI_CONTROLS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** People do not see them, and models read them as letters. */
const TAG_CHARACTERS = /[\u{e0000}-\u{e007f}]/gu;
const ELLIPSIS = '…';

/** A name, or anything else that has one line, never longer than `maxCharacters`. */
export function cleanLine(text: string, maxCharacters: number): string {
  const start = text.slice(0, maxCharacters * 4);
  const line = start
    .toWellFormed()
    .replace(TAG_CHARACTERS, '')
    .replace(BIDI_CONTROLS, '')
    .replace(SPACES_AND_CONTROLS, ' ')
    .trim();
  if (start.length === text.length && hasAtMost(line, maxCharacters)) return line;
  return `${takeCharacters(line, maxCharacters - 1)}${ELLIPSIS}`;
}

/** A text of many lines, which all end in `\n`. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(LINE_BREAKS, '\n').replace(CONTROLS, '').replace(TAG_CHARACTERS, '').trim();
}

/** Code points. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

/** The first `count` code points. */
export function takeCharacters(text: string, count: number): string {
  if (hasAtMost(text, count)) return text;
  let end = 0;
  for (let taken = 0; taken < count; taken++) end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

function hasAtMost(text: string, count: number): boolean {
  return text.length <= count || (text.length <= count * 2 && countCharacters(text) <= count);
}
