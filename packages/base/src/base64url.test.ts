import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64url, encodeBase64url, isBase64urlOf } from './base64url.ts';

describe('base64url', () => {
  test('encodes as the platform does, and decodes what it encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(decodeBase64url(text)).toEqual(bytes);
        expect(isBase64urlOf(text, bytes.length)).toBe(true);
      }),
    );
  });

  test('accepts one spelling only: what decodes, encodes to the same text', () => {
    const spelling = fc.string({
      unit: fc.constantFrom('A', 'B', 'a', 'b', '0', '1', '-', '_', '+', '/', '=', ' ', 'é', '\n'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(spelling, (text) => {
        const bytes = decodeBase64url(text);
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text);
        for (let length = 0; length < 10; length++) {
          expect(isBase64urlOf(text, length)).toBe(bytes !== undefined && bytes.length === length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
