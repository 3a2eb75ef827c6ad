// From what senders call their files to names that are safe on every file system, in the order of the message.
// spec: wire-protocol 7.7
import { encodeUtf8 } from '@puffo/base';

/** File systems allow 255; a name that is being written is longer for a while. */
const MAX_NAME_BYTES = 150;
const MAX_EXTENSION_CHARACTERS = 16;
const SEPARATORS = /[/\\]/;
/** Controls, and characters that make a name look like another one or break its line. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Windows refuses them, and shells give some of them a meaning. */
const FORBIDDEN = /[<>:"|?*]/g;
/** Of Windows, with any extension. */
const DEVICES = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;

export interface NamedAttachment {
  readonly filename: string;
  /** Stands for a name of which nothing is left. */
  readonly blobId: string;
}

/** One each; no two are the same, not even where case does not count. The same attachments get the same names again. */
export function attachmentNames(attachments: readonly NamedAttachment[]): readonly string[] {
  const taken = new Set<string>();
  return attachments.map(({ filename, blobId }) => {
    const name = findFree(safeName(filename, blobId), taken);
    taken.add(fold(name));
    return name;
  });
}

function safeName(filename: string, blobId: string): string {
  const last = filename.split(SEPARATORS).at(-1) ?? '';
  const seen = last.normalize('NFC').replaceAll(UNSEEN, '').replaceAll(FORBIDDEN, '_');
  const trimmed = trimEnds(seen);
  const short = trimEnds(shorten(trimmed === '' ? blobId : trimmed, MAX_NAME_BYTES));
  return DEVICES.test(short) ? `_${short}` : short;
}

/** A leading dot hides a file, or makes it one that programs read by themselves; Windows drops dots and spaces at the end. */
function trimEnds(name: string): string {
  return name.replace(/^[\s.]+/u, '').replace(/[\s.]+$/u, '');
}

/** Keeps the extension. */
function shorten(name: string, maxBytes: number): string {
  if (encodeUtf8(name).length <= maxBytes) return name;
  const { stem, extension } = splitName(name);
  const room = maxBytes - encodeUtf8(extension).length;
  let kept = '';
  let bytes = 0;
  for (const character of stem) {
    bytes += encodeUtf8(character).length;
    if (bytes > room) break;
    kept += character;
  }
  return kept + extension;
}

function findFree(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(fold(name))) return name;
  const { stem, extension } = splitName(name);
  for (let number = 2; ; number++) {
    const candidate = `${stem}-${number}${extension}`;
    if (!taken.has(fold(candidate))) return candidate;
  }
}

function splitName(name: string): { readonly stem: string; readonly extension: string } {
  const at = name.lastIndexOf('.');
  if (at <= 0 || name.length - at > MAX_EXTENSION_CHARACTERS) return { stem: name, extension: '' };
  return { stem: name.slice(0, at), extension: name.slice(at) };
}

function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
