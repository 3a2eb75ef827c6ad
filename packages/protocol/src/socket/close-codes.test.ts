import { describe, expect, it } from 'vitest';
import { CLOSE_CODES, closeActionOf, closeCodeOf } from './close-codes.ts';

describe('closeActionOf', () => {
  it.each([
    [4401, 'rotate-subkey'],
    [4403, 'stop'],
    [1000, 'reconnect'],
    [1006, 'reconnect'],
    [1008, 'reconnect'],
    [1012, 'reconnect'],
    [4400, 'reconnect'],
    [4408, 'reconnect'],
    [4999, 'reconnect'],
    [NaN, 'reconnect'],
  ])('after %s says %s', (code, action) => {
    expect(closeActionOf(code)).toBe(action);
  });
});

describe('CLOSE_CODES', () => {
  it('lists each code and each name once', () => {
    expect(new Set(CLOSE_CODES.map(({ code }) => code)).size).toBe(CLOSE_CODES.length);
    expect(new Set(CLOSE_CODES.map(({ name }) => name)).size).toBe(CLOSE_CODES.length);
  });

  it('gives the number of a name', () => {
    expect(closeCodeOf('restart')).toBe(1012);
    expect(closeCodeOf('revoked')).toBe(4403);
  });
});
