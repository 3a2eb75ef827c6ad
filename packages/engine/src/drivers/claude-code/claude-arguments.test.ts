import { expect, test } from 'vitest';
import { buildClaudeArguments, type ClaudeLaunch, readPermissionMode } from './claude-arguments.ts';

const LAUNCH: ClaudeLaunch = {
  permission: { kind: 'bypass' },
  model: '',
  session: { kind: 'new', id: 'uuid-1' },
  promptFile: '/agents/bot/prompt.md',
  agentDir: '/agents/bot',
  workspaceDir: '/agents/bot/workspace',
  disallowedTools: ['A', 'B'],
};

const TALKING = '-p --input-format stream-json --output-format stream-json --verbose --replay-user-messages';
const EXCLUDED = [
  '/agents/CLAUDE.md',
  '/agents/CLAUDE.local.md',
  '/agents/.claude/CLAUDE.md',
  '/CLAUDE.md',
  '/CLAUDE.local.md',
  '/.claude/CLAUDE.md',
];
const SETTINGS = `--settings {"claudeMdExcludes":${JSON.stringify(EXCLUDED)}}`;
const PROMPT = '--append-system-prompt-file /agents/bot/prompt.md';

test.each([
  ['a new session', {}, '--dangerously-skip-permissions --session-id uuid-1 --strict-mcp-config'],
  [
    'a resumed session with a model and servers',
    { model: 'opus', session: { kind: 'resumed', id: 'uuid-2' }, mcpConfigFile: '/agents/bot/mcp.json' },
    '--dangerously-skip-permissions --model opus --resume uuid-2 --mcp-config /agents/bot/mcp.json --strict-mcp-config',
  ],
  [
    'a mode that asks',
    { permission: { kind: 'asked', mode: 'acceptEdits' } },
    '--permission-mode acceptEdits --permission-prompt-tool stdio --allowedTools mcp__puffo --session-id uuid-1 --strict-mcp-config',
  ],
] as const)('the arguments of %s', (_, change, middle) => {
  const line = buildClaudeArguments({ ...LAUNCH, ...change }).join(' ');
  expect(line).toBe(`${TALKING} ${middle} ${PROMPT} ${SETTINGS} --disallowedTools A,B`);
});

test("the prompt files above a workspace elsewhere are not the agent's either", () => {
  const line = buildClaudeArguments({ ...LAUNCH, workspaceDir: '/work/project' }).join(' ');
  expect(line).toContain('"/work/CLAUDE.md"');
  expect(line).not.toContain('"/work/project/CLAUDE.md"');
  expect(line).not.toContain('"/agents/bot/CLAUDE.md"');
});

test('no tool is disallowed when none is named', () => {
  expect(buildClaudeArguments({ ...LAUNCH, disallowedTools: [] })).not.toContain('--disallowedTools');
});

test.each([
  ['', { kind: 'bypass' }],
  ['bypassPermissions', { kind: 'bypass' }],
  ['default', { kind: 'asked', mode: 'default' }],
  ['acceptEdits', { kind: 'asked', mode: 'acceptEdits' }],
  ['auto', { kind: 'asked', mode: 'auto' }],
  ['dontAsk', { kind: 'asked', mode: 'dontAsk' }],
])('the permission mode "%s" is kept', (mode, permission) => {
  expect(readPermissionMode(mode)).toEqual(permission);
});

test.each(['plan', 'BypassPermissions', 'all'])('the permission mode "%s" is refused, and never widened', (mode) => {
  expect(() => readPermissionMode(mode)).toThrow(expect.objectContaining({ code: 'bad-option' }));
});
