import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { API_ERRORS, readErrorBody } from './errors.ts';

const NOTHING = { code: undefined, message: undefined, retryAfterMs: undefined, field: undefined };

describe('readErrorBody', () => {
  it.each([
    ['an error', { error: 'CONFLICT', message: 'taken' }, { ...NOTHING, code: 'CONFLICT', message: 'taken' }],
    ['a code that nobody knows yet', { error: 'TEAPOT' }, { ...NOTHING, code: 'TEAPOT' }],
    ['slow mode', { error: 'SLOW_MODE', retry_after_ms: 1500 }, { ...NOTHING, code: 'SLOW_MODE', retryAfterMs: 1500 }],
    ['members of other types', { error: 1, message: {}, retry_after_ms: -1 }, NOTHING],
    ['no JSON at all', undefined, NOTHING],
    ['a page of a proxy', '<html>', NOTHING],
  ])('reads %s', (_name, body, expected) => {
    expect(readErrorBody(body)).toEqual(expected);
  });

  it('keeps little of a long body', () => {
    const read = readErrorBody({ error: 'X'.repeat(70_000), message: 'm'.repeat(70_000) });
    expect(read.code).toBeUndefined();
    expect(read.message).toHaveLength(LIMITS.errorTextCharacters);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        expect(Object.keys(readErrorBody(body))).toEqual(Object.keys(NOTHING));
      }),
    );
  });
});

describe('API_ERRORS', () => {
  it('lists each code once, with an error status', () => {
    expect(new Set(API_ERRORS.map(({ code }) => code)).size).toBe(API_ERRORS.length);
    expect(API_ERRORS.every(({ status }) => status >= 400 && status < 600)).toBe(true);
  });
});
