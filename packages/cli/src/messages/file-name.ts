// The name of a received file as a name on this disk: whatever its sender wrote, it stays in its folder, is visible, and means
// nothing special on any system. spec: wire-protocol 7.7
import { cleanName } from '../output/clean-text.ts';

const MAX_BYTES = 120;
const FORBIDDEN = /[<>:"/\\|?*\u2400-\u2421]/g;
/** Names of devices on Windows, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const NAMELESS = 'file';

export function toFileName(filename: string): string {
  const base = filename.split(/[/\\]/).at(-1) ?? '';
  const cleaned = cleanName(base, MAX_BYTES)
    .replace(FORBIDDEN, '_')
    // A hidden file surprises, and Windows drops dots and spaces at the end.
    .replace(/^\.+/, '')
    .replace(/[. ]+$/, '');
  const short = shorten(cleaned === '' ? NAMELESS : cleaned);
  return RESERVED.test(short) ? `_${short}` : short;
}

/** `plan (2).pdf` */
export function numbered(name: string, number: number): string {
  if (number <= 1) return name;
  const { stem, extension } = split(name);
  return `${stem} (${number})${extension}`;
}

/** Keeps the extension. */
function shorten(name: string): string {
  const { stem, extension } = split(name);
  let kept = stem;
  while (Buffer.byteLength(kept + extension) > MAX_BYTES) kept = Array.from(kept).slice(0, -1).join('');
  return kept + extension;
}

function split(name: string): { readonly stem: string; readonly extension: string } {
  const extension = /^.+(\.[^.]{1,12})$/s.exec(name)?.[1] ?? '';
  return { stem: name.slice(0, name.length - extension.length), extension };
}
