// The beginning of a WebSocket frame that is never completed. spec: RFC 6455 5.2

export interface FrameToCut {
  readonly data: Uint8Array;
  readonly isBinary: boolean;
  /** Clients mask what they send. */
  readonly isMasked: boolean;
}

const FINAL = 0x80;
const MASKED = 0x80;
const TEXT = 0x1;
const BINARY = 0x2;
const SIXTEEN_BITS = 126;
const SIXTY_FOUR_BITS = 127;

/** The header, which promises the whole, and the first half of the data. */
export function encodeHalfFrame({ data, isBinary, isMasked }: FrameToCut): Uint8Array {
  const mask = isMasked ? MASKED : 0;
  const first = FINAL | (isBinary ? BINARY : TEXT);
  // A mask of zeros changes nothing.
  const key = isMasked ? Buffer.alloc(4) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from([first]), encodeLength(data.length, mask), key, data.subarray(0, data.length / 2)]);
}

function encodeLength(length: number, mask: number): Buffer {
  if (length < SIXTEEN_BITS) return Buffer.from([mask | length]);
  if (length < 2 ** 16) {
    const bytes = Buffer.from([mask | SIXTEEN_BITS, 0, 0]);
    bytes.writeUInt16BE(length, 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(mask | SIXTY_FOUR_BITS, 0);
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}
