// A long answer in parts that can be posted: cut at paragraphs, else at lines, else at words, and never inside a character. A code
// block that a cut goes through ends with its part and begins again with the next.
import { countCharacters } from '../text/clean-text.ts';

export interface SplitLimits {
  /** UTF-16 units of one part, at least `MIN_PART_CHARACTERS`. */
  readonly maxCharacters: number;
  /** What is more is cut off, with a note. */
  readonly maxParts: number;
}

/** Less has no room for a note and the ends of a code block. */
export const MIN_PART_CHARACTERS = 200;
const MAX_INDENTATION = 32;

interface Fence {
  /** Such as three backticks and the name of a language. */
  readonly opening: string;
  readonly closing: string;
}

interface Piece {
  readonly part: string;
  readonly rest: string;
  /** Of the code block that goes on in the rest. */
  readonly fence: Fence | undefined;
}

/** Empty when there is nothing but white space. */
export function splitText(text: string, { maxCharacters, maxParts }: SplitLimits): readonly string[] {
  if (maxCharacters < MIN_PART_CHARACTERS || maxParts < 1) {
    throw new RangeError(`Cannot split text: at least one part of ${MIN_PART_CHARACTERS} characters is needed`);
  }
  const parts: string[] = [];
  let rest = text.trim();
  let fence: Fence | undefined;
  while (rest !== '') {
    const opening = fence === undefined ? '' : `${fence.opening}\n`;
    if (opening.length + rest.length <= maxCharacters) return [...parts, opening + rest];
    const isLast = parts.length === maxParts - 1;
    const room = maxCharacters - opening.length - (isLast ? cutNote(rest).length : 0);
    const piece = takePiece(rest, { fence, room });
    const note = isLast && piece.rest !== '' ? cutNote(piece.rest) : '';
    parts.push(opening + piece.part + note);
    if (isLast) return parts;
    ({ rest, fence } = piece);
  }
  return parts;
}

function cutNote(rest: string): string {
  return `\n\n(Cut here: ${countCharacters(rest)} more characters are too much to post. Ask for the part that you need.)`;
}

/** As much of `text`, which begins inside of `fence`, as fits in `room`, the end of a code block included. */
function takePiece(text: string, { fence, room }: { readonly fence: Fence | undefined; readonly room: number }): Piece {
  let length = room;
  for (;;) {
    const cut = findCut(text, length);
    const part = text.slice(0, cut).trimEnd();
    const open = fenceAfter(part, fence);
    if (open === undefined) return { part, rest: withoutGap(text.slice(cut)), fence: undefined };
    const lastLine = part.lastIndexOf('\n');
    const endsWithOpening = lastLine > 0 && fenceAfter(part.slice(0, lastLine), fence) === undefined;
    const closed = `${part}\n${open.closing}`;
    if (closed.length <= room && !endsWithOpening) return { part: closed, ...goOn(text.slice(cut), open) };
    length = endsWithOpening ? lastLine : Math.min(length, room - open.closing.length) - 1;
  }
}

/** When the code block ends right after the cut, its end is already there. */
function goOn(text: string, open: Fence): Pick<Piece, 'rest' | 'fence'> {
  const rest = withoutGap(text);
  const end = rest.indexOf('\n');
  const line = end === -1 ? rest : rest.slice(0, end);
  if (!isClosing(line, open)) return { rest, fence: open };
  return { rest: withoutGap(rest.slice(line.length)), fence: undefined };
}

/** White space at a cut; the indentation of the next line stays, unless it would fill a part. */
function withoutGap(text: string): string {
  const start = text.search(/\S/);
  if (start === -1) return '';
  const lineStart = text.lastIndexOf('\n', start) + 1;
  return text.slice(lineStart === 0 || start - lineStart > MAX_INDENTATION ? start : lineStart);
}

/** Between 1 and `length`. A better place counts only when it does not leave a part nearly empty. */
function findCut(text: string, length: number): number {
  const window = text.slice(0, length + 1);
  const paragraph = window.lastIndexOf('\n\n');
  if (paragraph >= length / 2) return paragraph;
  const line = window.lastIndexOf('\n');
  if (line >= length / 4) return line;
  const word = lastSpace(window);
  if (word >= length / 8 && word > MAX_INDENTATION) return word;
  return isInsidePair(text, length) ? length - 1 : length;
}

function lastSpace(text: string): number {
  for (let index = text.length - 1; index > 0; index--) {
    if (/\s/.test(text.charAt(index))) return index;
  }
  return -1;
}

function isInsidePair(text: string, index: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(index - 1, index + 1));
}

const MAX_INFO_CHARACTERS = 30;
const FENCE = /^[ \t]*(`{3,20}|~{3,20})([^`\n]*)$/;

/** The code block that is open behind `text`. */
function fenceAfter(text: string, before: Fence | undefined): Fence | undefined {
  let fence = before;
  for (const line of text.split('\n')) {
    const [, marks, info = ''] = FENCE.exec(line) ?? [];
    if (marks === undefined) continue;
    if (fence === undefined) {
      const words = info.trim();
      fence = { opening: marks + (words.length > MAX_INFO_CHARACTERS ? '' : words), closing: marks };
    } else if (isClosing(line, fence)) {
      fence = undefined;
    }
  }
  return fence;
}

function isClosing(line: string, { closing }: Fence): boolean {
  const marks = line.trim();
  return marks.startsWith(closing) && marks === closing.charAt(0).repeat(marks.length);
}
