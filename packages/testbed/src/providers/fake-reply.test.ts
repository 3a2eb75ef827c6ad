import { describe, expect, test } from 'vitest';
import { replies, splitText } from './fake-reply.ts';

describe('a text in chunks', () => {
  test.each(['', 'short', 'a text of some length, which is more than one chunk', '🌍'.repeat(100)])(
    'is the text again when joined: %s',
    (text) => {
      expect(splitText(text).join('')).toBe(text);
    },
  );

  test('is never cut inside a character', () => {
    expect(splitText(`x${'🌍'.repeat(1000)}`).every((chunk) => chunk.isWellFormed())).toBe(true);
  });

  test('is a few dozen chunks however long it is', () => {
    expect(splitText('x'.repeat(200_000)).length).toBeLessThan(50);
  });
});

test('a large answer has at least the size that was asked for', () => {
  const [step] = replies.large(200_000).steps;
  const text = step?.kind === 'text' ? step.chunks.join('') : '';
  expect(Buffer.byteLength(text)).toBeGreaterThanOrEqual(200_000);
});
