// base64url without padding (RFC 4648 section 5). Strict: one byte string has exactly one spelling.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const INVALID = 255;
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const VALUES = new Uint8Array(128).fill(INVALID);
CODES.forEach((code, value) => {
  VALUES[code] = value;
});
const asciiDecoder = new TextDecoder('latin1');

export function encodeBase64url(bytes: Uint8Array): string {
  const rest = bytes.length % 3;
  const whole = bytes.length - rest;
  const codes = new Uint8Array((whole / 3) * 4 + (rest === 0 ? 0 : rest + 1));
  let at = 0;
  for (let index = 0; index < bytes.length; index += 3) {
    const group = (byteAt(bytes, index) << 16) | (byteAt(bytes, index + 1) << 8) | byteAt(bytes, index + 2);
    codes[at++] = codeOf(group >> 18);
    codes[at++] = codeOf(group >> 12);
    // Writes past the end of a typed array are ignored: a short last group needs no case of its own.
    codes[at++] = codeOf(group >> 6);
    codes[at++] = codeOf(group);
  }
  return codes.length < 200 ? String.fromCharCode(...codes) : asciiDecoder.decode(codes);
}

/**
 * The bytes, or `undefined` when `text` is not strict base64url: a character outside the alphabet (padding and white
 * space included), a length that no byte string has, or non-zero trailing bits.
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const rest = text.length % 4;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let invalid = 0;
  for (let index = 0; index < text.length; index += 4) {
    const a = valueAt(text, index);
    const b = valueAt(text, index + 1);
    const c = valueAt(text, index + 2);
    const d = valueAt(text, index + 3);
    invalid |= a | b | c | d;
    bytes[at++] = (a << 2) | (b >> 4);
    bytes[at++] = (b << 4) | (c >> 2);
    bytes[at++] = (c << 6) | d;
  }
  if (invalid > 63) return undefined;
  if ((valueAt(text, text.length - 1) & trailingBits(rest)) !== 0) return undefined;
  return bytes;
}

/** Whether `text` is the strict base64url of exactly `byteLength` bytes, without decoding it. */
export function isBase64urlOf(text: string, byteLength: number): boolean {
  if (text.length !== Math.ceil((byteLength * 4) / 3)) return false;
  let seen = 0;
  for (let index = 0; index < text.length; index++) seen |= VALUES[text.charCodeAt(index)] ?? INVALID;
  const trailing = trailingBits(text.length % 4);
  return seen <= 63 && (valueAt(text, text.length - 1) & trailing) === 0;
}

/** The bits of the last character that belong to no byte, by the length of the last group. */
function trailingBits(rest: number): number {
  return rest === 2 ? 0b1111 : rest === 3 ? 0b11 : 0;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function codeOf(group: number): number {
  return CODES[group & 63] ?? 0;
}

/** 0 to 63; `INVALID` for a foreign character; 0 past the end, where the last group is short. */
function valueAt(text: string, index: number): number {
  if (index >= text.length) return 0;
  return VALUES[text.charCodeAt(index)] ?? INVALID;
}
