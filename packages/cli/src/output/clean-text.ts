// Makes text that other people wrote harmless for a terminal: nothing in it can move the cursor, change a colour, turn the
// direction of the line or look like a line of ours. spec: wire-protocol 13.1 ("escape it before showing it")

/** Embeddings, overrides and isolates: they would reorder what stands beside them. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
const LINE_BREAKS = /\r\n|[\n\r\u2028\u2029\u0085]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
const INVISIBLE = /[\ufeff\u{e0000}-\u{e007f}]/gu;
const CONTROL_PICTURES = 0x2400;
const DELETE = 0x7f;
const DELETE_PICTURE = '\u2421';
const MAX_NAME_CHARACTERS = 100;

/** For a name or another text that has one line, never longer than `maxCharacters`. */
export function cleanName(text: string, maxCharacters = MAX_NAME_CHARACTERS): string {
  const cleaned = cleanLine(text.slice(0, maxCharacters * 2).replace(LINE_BREAKS, ' ')).trim();
  const characters = Array.from(cleaned);
  return characters.length <= maxCharacters ? cleaned : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/** For the text of a message: its lines. */
export function cleanLines(text: string): readonly string[] {
  return text.replace(LINE_BREAKS, '\n').split('\n').map(cleanLine);
}

function cleanLine(line: string): string {
  return line
    .toWellFormed()
    .replaceAll('\t', '    ')
    .replace(BIDI_CONTROLS, '')
    .replace(INVISIBLE, '')
    .replace(CONTROLS, showControl);
}

/** U+001B becomes U+241B, a picture of "ESC"; U+009B becomes `\x9b`. */
function showControl(character: string): string {
  const code = character.charCodeAt(0);
  if (code === DELETE) return DELETE_PICTURE;
  if (code < DELETE) return String.fromCharCode(CONTROL_PICTURES + code);
  return `\\x${code.toString(16)}`;
}
