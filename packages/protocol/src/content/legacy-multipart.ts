// Some old senders encrypted a whole multipart/form-data body instead of the file in it. spec: wire-protocol 7.5
import { concatBytes, encodeUtf8 } from '@puffo/base';

const DASHES = encodeUtf8('--');
const CRLF = encodeUtf8('\r\n');
const HEADER_END = encodeUtf8('\r\n\r\n');
const MAX_BOUNDARY_LINE_BYTES = 256;
const MAX_HEADER_BYTES = 4096;
/** Lower case. */
const FORM_DATA = /^content-disposition:[ \t]*form-data/m;

interface Part {
  readonly headers: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * The file in the form body of an old sender, or `bytes` themselves. Applied only where a part says that it is form data
 * and the file has not the size that the message names: the bare rule of the reference destroys genuine files that
 * merely look like multipart.
 */
export function restoreLegacyAttachment(bytes: Uint8Array, declaredSize: number): Uint8Array {
  if (bytes.length === declaredSize) return bytes;
  const part = findLongestPart(bytes);
  if (part === undefined) return bytes;
  const headers = String.fromCharCode(...part.headers.subarray(0, MAX_HEADER_BYTES));
  return FORM_DATA.test(headers.toLowerCase()) ? part.body : bytes;
}

/** The bare rule of 0.7.2: the longest part of anything that looks like multipart, else `bytes` themselves. */
export function unwrapLegacyMultipart(bytes: Uint8Array): Uint8Array {
  return findLongestPart(bytes)?.body ?? bytes;
}

function findLongestPart(bytes: Uint8Array): Part | undefined {
  const delimiter = readDelimiter(bytes);
  if (delimiter === undefined) return undefined;
  const starts = findAll(bytes, delimiter);
  let longest: Part | undefined;
  starts.forEach((start, index) => {
    const part = readPart(bytes.subarray(start + delimiter.length, starts[index + 1] ?? bytes.length));
    if (part !== undefined && (longest === undefined || part.body.length > longest.body.length)) longest = part;
  });
  return longest;
}

/** `--` and the boundary, when the first line is such a line. */
function readDelimiter(bytes: Uint8Array): Uint8Array | undefined {
  if (!startsWith(bytes, DASHES)) return undefined;
  const lineEnd = findFirst(bytes.subarray(0, MAX_BOUNDARY_LINE_BYTES + CRLF.length), CRLF);
  if (lineEnd === undefined) return undefined;
  const boundary = bytes.subarray(DASHES.length, lineEnd);
  if (boundary.length === 0 || boundary.includes(0x0d) || boundary.includes(0x0a)) return undefined;
  return concatBytes(DASHES, boundary);
}

function readPart(piece: Uint8Array): Part | undefined {
  if (piece.length === 0 || startsWith(piece, DASHES)) return undefined;
  const inner = startsWith(piece, CRLF) ? piece.subarray(CRLF.length) : piece;
  const headerEnd = findFirst(inner, HEADER_END);
  if (headerEnd === undefined) return undefined;
  const rest = inner.subarray(headerEnd + HEADER_END.length);
  const body = endsWith(rest, CRLF) ? rest.subarray(0, rest.length - CRLF.length) : rest;
  return { headers: inner.subarray(0, headerEnd), body };
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return bytes.length >= end.length && startsWith(bytes.subarray(bytes.length - end.length), end);
}

function findFirst(bytes: Uint8Array, wanted: Uint8Array): number | undefined {
  return findAll(bytes, wanted, 1)[0];
}

/** Offsets of the occurrences, which do not overlap. Knuth-Morris-Pratt: linear also for hostile input. */
function findAll(bytes: Uint8Array, wanted: Uint8Array, maxCount = Infinity): readonly number[] {
  const fallback = fallbackTable(wanted);
  const found: number[] = [];
  let matched = 0;
  for (let index = 0; index < bytes.length && found.length < maxCount; index++) {
    while (matched > 0 && bytes[index] !== wanted[matched]) matched = fallback[matched - 1] ?? 0;
    if (bytes[index] === wanted[matched]) matched++;
    if (matched === wanted.length) {
      found.push(index + 1 - wanted.length);
      matched = 0;
    }
  }
  return found;
}

/** For each prefix, the length of its longest proper suffix that is a prefix too. */
function fallbackTable(wanted: Uint8Array): Uint16Array {
  const fallback = new Uint16Array(wanted.length);
  let length = 0;
  for (let index = 1; index < wanted.length; index++) {
    while (length > 0 && wanted[index] !== wanted[length]) length = fallback[length - 1] ?? 0;
    if (wanted[index] === wanted[length]) length++;
    fallback[index] = length;
  }
  return fallback;
}
