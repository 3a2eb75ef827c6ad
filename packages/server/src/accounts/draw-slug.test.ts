import { seededRandom } from '@puffo/base';
import { isSlug } from '@puffo/protocol';
import { expect, test } from 'vitest';
import { drawSlug } from './draw-slug.ts';
import { drawInviteCode } from './invite-codes.ts';

test('a slug takes two random bytes and shows them as four digits', () => {
  const asked: number[] = [];
  const random = {
    bytes(length: number) {
      asked.push(length);
      return Uint8Array.of(0x0a, 0xf0);
    },
  };
  expect(drawSlug(random, 'alice')).toBe('alice-0af0');
  expect(asked).toEqual([2]);
});

test('the longest name still makes a slug', () => {
  expect(isSlug(drawSlug(seededRandom(1), 'a'.repeat(58)))).toBe(true);
});

test('invite codes use all of their alphabet and none of the characters that look alike', () => {
  const random = seededRandom(2);
  const drawn = Array.from({ length: 200 }, () => drawInviteCode(random)).join('');
  expect(new Set(drawn.replaceAll('-', '')).size).toBe(32);
  expect(drawn).not.toMatch(/[01OIa-z]/);
});
