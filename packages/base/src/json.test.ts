import { describe, expect, test } from 'vitest';
import { type JsonLimits, safeParseJson } from './json.ts';

const LIMITS: JsonLimits = { maxLength: 1000, maxDepth: 3, integers: 'safe' };

function outcome(text: string, limits: Partial<JsonLimits> = {}): unknown {
  const result = safeParseJson(text, { ...LIMITS, ...limits });
  return result.kind === 'value' ? result.value : result.problem;
}

describe('safeParseJson', () => {
  test.each([
    ['{"a":[1,"x",null,true]}', { a: [1, 'x', null, true] }],
    ['"text with \\"quotes\\", a colon: and \\\\"', 'text with "quotes", a colon: and \\'],
    ['{"a\\"":{"a":":"},"b":"\\\\"}', { 'a"': { a: ':' }, b: '\\' }],
    ['[":",":"]', [':', ':']],
    [' {"a" : 1 , "b"\t:\n2} ', { a: 1, b: 2 }],
    ['0', 0],
  ])('reads %s', (text, value) => {
    expect(outcome(text)).toEqual(value);
  });

  test.each([
    ['{"a":1', 'syntax'],
    ['', 'syntax'],
    ['{"a":1,"a":2}', 'duplicate_member'],
    ['[{"b":{"a":1,"a":1}}]', 'duplicate_member'],
    ['{"a":1,"\\u0061":2}', 'duplicate_member'],
    ['[[[[1]]]]', 'too_deep'],
    ['{"a":{"a":{"a":{}}}}', 'too_deep'],
    ['"\\ud800"', 'lone_surrogate'],
    ['{"\\udc00":1}', 'lone_surrogate'],
    ['1e400', 'number_out_of_range'],
    ['9007199254740992', 'number_out_of_range'],
    [`"${'x'.repeat(1000)}"`, 'too_long'],
  ])('refuses %s: %s', (text, problem) => {
    expect(outcome(text)).toBe(problem);
  });

  test('lets large integers pass where nothing is signed', () => {
    expect(outcome('9007199254740992', { integers: 'any' })).toBe(9007199254740992);
  });

  test('keeps a member called __proto__', () => {
    const result = safeParseJson('{"__proto__":{"x":1}}', LIMITS);
    expect(result.kind === 'value' && Object.keys(result.value ?? {})).toEqual(['__proto__']);
    expect(outcome('{"__proto__":1,"__proto__":2}')).toBe('duplicate_member');
  });

  test('refuses a nesting of a million without running out of stack', () => {
    expect(outcome('['.repeat(1e6) + ']'.repeat(1e6), { maxLength: 3e6 })).toBe('too_deep');
  });
});
