/** Where random bytes come from. Passed in, so that protocol code has no ambient randomness and tests can repeat. */
export interface Random {
  /** `length` fresh bytes that nobody else holds. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** What one call of `getRandomValues` may fill, by its specification. */
const MAX_FILL_BYTES = 65_536;

/** The platform's cryptographically secure source. */
export const systemRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += MAX_FILL_BYTES) {
      crypto.getRandomValues(bytes.subarray(offset, offset + MAX_FILL_BYTES));
    }
    return bytes;
  },
};

/** The same bytes for the same seed, on every machine. For tests and benchmarks only: anyone can predict them. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  function nextWord(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  return {
    bytes: (length) => Uint8Array.from({ length }, () => nextWord() & 0xff),
  };
}
