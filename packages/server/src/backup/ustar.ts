// The headers of a tar file, as POSIX describes `ustar`. Ours because it is two functions, and because a reader that
// takes only what this writer makes has nothing to be attacked with: no links, no paths, no extensions.
import { decodeUtf8, encodeUtf8 } from '@puffo/base';

export const BLOCK_BYTES = 512;

const MAX_NAME_BYTES = 100;
/** Eleven octal digits. */
const MAX_SIZE = 8 ** 11 - 1;
const SIZE_OFFSET = 124;
const TIME_OFFSET = 136;
const CHECKSUM_OFFSET = 148;
const CHECKSUM_BYTES = 8;
const TYPE_OFFSET = 156;
const MAGIC_OFFSET = 257;
const REGULAR_FILE = 0x30;
const SPACE = 0x20;
const OCTAL = /^[0-7]+$/;

export interface TarEntry {
  readonly name: string;
  readonly size: number;
}

/** `modifiedAt`: ms. */
export function encodeHeader({ name, size }: TarEntry, modifiedAt: number): Uint8Array {
  const nameBytes = encodeUtf8(name);
  if (nameBytes.length > MAX_NAME_BYTES || size > MAX_SIZE) throw new RangeError('Cannot encode header: too large');
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(nameBytes);
  block.set(encodeUtf8('0000600\0' + '0000000\0' + '0000000\0'), MAX_NAME_BYTES);
  block.set(encodeUtf8(octal(size, 11)), SIZE_OFFSET);
  block.set(encodeUtf8(octal(Math.floor(modifiedAt / 1000), 11)), TIME_OFFSET);
  block[TYPE_OFFSET] = REGULAR_FILE;
  block.set(encodeUtf8('ustar\u000000'), MAGIC_OFFSET);
  block.set(encodeUtf8(`${octal(checksumOf(block), 6)}\0 `), CHECKSUM_OFFSET);
  return block;
}

/** `undefined`: no header of a plain file. The end of the archive is none, see `isEnd`. */
export function decodeHeader(block: Uint8Array): TarEntry | undefined {
  const checksum = readOctal(block, CHECKSUM_OFFSET, 6);
  const size = readOctal(block, SIZE_OFFSET, 11);
  const end = block.indexOf(0);
  const name = decodeUtf8(block.subarray(0, Math.min(end, MAX_NAME_BYTES)));
  if (checksum !== checksumOf(block) || size === undefined || end < 1 || name === undefined) return undefined;
  return block[TYPE_OFFSET] === REGULAR_FILE ? { name, size } : undefined;
}

export function isEnd(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Zeros that fill the last block of an entry. */
export function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}

/** Of all bytes, with the checksum's own place taken as spaces. */
function checksumOf(block: Uint8Array): number {
  const copy = block.slice().fill(SPACE, CHECKSUM_OFFSET, CHECKSUM_OFFSET + CHECKSUM_BYTES);
  return copy.reduce((sum, byte) => sum + byte, 0);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function readOctal(block: Uint8Array, offset: number, digits: number): number | undefined {
  const text = decodeUtf8(block.subarray(offset, offset + digits));
  return text !== undefined && OCTAL.test(text) ? Number.parseInt(text, 8) : undefined;
}
