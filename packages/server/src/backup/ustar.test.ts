import { encodeUtf8 } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, decodeHeader, encodeHeader, isEnd, paddingOf } from './ustar.ts';

describe('a header of a tar file', () => {
  test.each([
    { name: 'puffo-server.db', size: 0 },
    { name: 'blobs/blob_00000000-0000-4000-8000-000000000001', size: 8_454_144 },
    { name: 'x'.repeat(99), size: 8 ** 11 - 1 },
  ])('is one block that reads as it was written: %j', (entry) => {
    const block = encodeHeader(entry, 1_700_000_000_000);
    expect(block).toHaveLength(BLOCK_BYTES);
    expect(decodeHeader(block)).toEqual(entry);
  });

  test('has its members where POSIX puts them', () => {
    const block = Buffer.from(encodeHeader({ name: 'a', size: 10 }, 0));
    expect(block.toString('latin1', 100, 108)).toBe('0000600\0');
    expect(block.toString('latin1', 124, 136)).toBe('00000000012\0');
    expect(block.toString('latin1', 257, 265)).toBe('ustar\u000000');
    const sum = block.fill(' ', 148, 156).reduce((total, byte) => total + byte, 0);
    expect(Buffer.from(encodeHeader({ name: 'a', size: 10 }, 0)).toString('latin1', 148, 156)).toBe(
      `${sum.toString(8).padStart(6, '0')}\0 `,
    );
  });

  test.each([
    { name: 'x'.repeat(101), size: 1 },
    { name: 'a', size: 8 ** 11 },
  ])('is not made where it would not fit', (entry) => {
    expect(() => encodeHeader(entry, 0)).toThrow(RangeError);
  });

  test('that was changed anywhere is none', () => {
    const accepted = Array.from({ length: 265 }, (_, position) => position).filter((position) => {
      const block = encodeHeader({ name: 'blobs/b', size: 77 }, 1_700_000_000_000);
      block[position] = (block[position] ?? 0) ^ 1;
      return decodeHeader(block) !== undefined;
    });
    // The two bytes after the checksum say nothing.
    expect(accepted).toEqual([154, 155]);
  });

  test.each(['1', '2', '5', 'x', 'L'])('of type %s, which is no plain file, is none', (type) => {
    const block = Buffer.from(encodeHeader({ name: 'a', size: 0 }, 0));
    block.write(type, 156);
    const sum = Buffer.from(block)
      .fill(' ', 148, 156)
      .reduce((total, byte) => total + byte, 0);
    block.set(encodeUtf8(sum.toString(8).padStart(6, '0')), 148);
    expect(decodeHeader(block)).toBeUndefined();
  });

  test('is no end, and zeros are no header', () => {
    expect(isEnd(encodeHeader({ name: 'a', size: 0 }, 0))).toBe(false);
    expect(isEnd(new Uint8Array(BLOCK_BYTES))).toBe(true);
    expect(decodeHeader(new Uint8Array(BLOCK_BYTES))).toBeUndefined();
  });
});

test.each([
  [0, 0],
  [1, 511],
  [512, 0],
  [513, 511],
])('after %i bytes come %i zeros', (size, padding) => {
  expect(paddingOf(size)).toBe(padding);
});
