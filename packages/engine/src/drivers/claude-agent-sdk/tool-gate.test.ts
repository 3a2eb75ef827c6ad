import { expect, test } from 'vitest';
import { createToolGate } from './tool-gate.ts';

test.each([
  [['Read'], 'Read', {}, true],
  [['Read'], 'ReadMore', {}, false],
  [['read'], 'Read', {}, false],
  [['mcp__github__*'], 'mcp__github__list', {}, true],
  [['*'], 'Anything', {}, true],
  [[], 'Read', {}, false],
  [['a.c'], 'abc', {}, false],
  [['Bash(git *)'], 'Bash', { command: 'git status' }, true],
  [['Bash(git *)'], 'Bash', { command: 'ls' }, false],
  [['Bash(git *)'], 'Bash', {}, false],
  [['Bash(git *)'], 'Bash', { command: 'git status; id' }, false],
  [['Bash(git *)'], 'Bash', { command: 'git status && id' }, false],
  [['Bash(git *)'], 'Bash', { command: 'git log | sh' }, false],
  [['Bash(git *)'], 'Bash', { command: 'git $(id)' }, false],
  [['Bash(git *)'], 'Bash', { command: 'git `id`' }, false],
  [['Bash(git *)'], 'Bash', { command: 'git status\nid' }, false],
  [['Bash(git *)'], 'Bash', { command: 'git log > /etc/passwd' }, false],
  [['Bash(*)'], 'Bash', { command: 'git status; id' }, true],
  [['Bash'], 'Bash', { command: 'git status; id' }, true],
  [['Edit(/w/*)'], 'Edit', { file_path: '/w/a/b.ts' }, true],
  [['Edit(/w/*)'], 'Edit', { file_path: '/w/../etc/passwd' }, false],
  [['Glob(/w/*)'], 'Glob', { path: '/w/a' }, true],
  [['Glob(/w/*)'], 'Glob', { pattern: '/w/a' }, false],
] as const)('of %j a call of %s with %j is allowed: %s', (patterns, name, input, expected) => {
  expect(createToolGate(patterns).isAllowed(name, input)).toBe(expected);
});

test('a refusal names the tool and what is allowed', () => {
  expect(createToolGate(['Read', 'Bash(git *)']).explain('Write')).toContain('Write');
  expect(createToolGate(['Read', 'Bash(git *)']).explain('Write')).toContain('Read, Bash(git *)');
});
