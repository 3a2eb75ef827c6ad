import { expect, test } from 'vitest';
import { concatBytes, decodeUtf8, encodeUtf8, equalBytes } from './bytes.ts';
import { nextTask } from './next-task.ts';
import { seededRandom, systemRandom } from './random.ts';

test('UTF-8 goes both ways, keeps a byte order mark, and malformed input is told apart from text', () => {
  const text = '\uFEFFé😀';
  expect(decodeUtf8(encodeUtf8(text))).toBe(text);
  expect(decodeUtf8(Uint8Array.of(0xc3))).toBeUndefined();
  expect(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined();
});

test('bytes are joined in order, and equal only where all are', () => {
  expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
});

test('the system gives fresh bytes of any length, a seed the same ones again', () => {
  const many = systemRandom.bytes(200_000);
  expect(new Set(many.subarray(150_000)).size).toBe(256);
  expect(systemRandom.bytes(32)).not.toEqual(systemRandom.bytes(32));
  expect(seededRandom(7).bytes(40)).toEqual(seededRandom(7).bytes(40));
  expect(seededRandom(7).bytes(40)).not.toEqual(seededRandom(8).bytes(40));
});

test('nextTask lets other work of the event loop go first', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('other'));
  for (let turn = 0; turn < 3; turn++) await nextTask();
  order.push('after');
  expect(order).toEqual(['other', 'after']);
});
