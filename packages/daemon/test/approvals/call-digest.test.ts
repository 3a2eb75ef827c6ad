import type { JsonValue } from '@puffo/base';
import { describe, expect, it } from 'vitest';
import { callDigest } from '../../src/approvals/call-digest.ts';
import { permissionTimeoutMs } from '../../src/approvals/permission-timeout.ts';

describe('consent to a call', () => {
  it('is to the same tool with the same arguments, in whatever order', () => {
    expect(callDigest('Bash', { a: 1, b: [true] })).toBe(callDigest('Bash', { b: [true], a: 1 }));
  });

  it.each<[string, string, JsonValue]>([
    ['another tool', 'Write', { command: 'ls' }],
    ['another value', 'Bash', { command: 'ls ' }],
    ['one more argument', 'Bash', { command: 'ls', timeout: 1 }],
    ['the same text elsewhere', 'Bash', ['command', 'ls']],
  ])('is none to %s', (_what, tool, input) => {
    expect(callDigest(tool, input)).not.toBe(callDigest('Bash', { command: 'ls' }));
  });

  it('is to nothing that is too large or too deep', () => {
    let deep: JsonValue = 'x';
    for (let depth = 0; depth < 10_000; depth++) deep = [deep];
    expect(callDigest('Bash', deep)).toBeUndefined();
    expect(callDigest('Bash', { content: 'x'.repeat(10 * 1024 * 1024) })).toBeUndefined();
    expect(callDigest('Bash', { content: 'x'.repeat(500_000) })).toBeDefined();
  });
});

describe('PUFFO_PERMISSION_TIMEOUT', () => {
  it.each([
    [undefined, 300_000],
    ['', 300_000],
    ['60', 60_000],
    ['0', 300_000],
    ['-5', 300_000],
    ['soon', 300_000],
    ['999999', 1_500_000],
  ])('%j is %i ms', (value, expected) => {
    expect(permissionTimeoutMs({ PUFFO_PERMISSION_TIMEOUT: value })).toBe(expected);
  });
});
