// Links that a model puts where the daemon reads and writes: nothing outside is written, removed or shown. spec: D-4
import { lstat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createPlace } from './kit.ts';

const CLI = { runtime: { kind: 'cli-local' } } as const;
const PROMPT_FILE = 'agent/.claude/CLAUDE.md';

it.each([
  ['its folder of Claude', 'agent/.claude'],
  ['its folder of Gemini', 'agent/.gemini'],
  ['the folder in its workspace', 'agent/workspace/.claude'],
  ['the folder of skills', 'agent/workspace/.claude/skills'],
  ['a shared skill', 'agent/workspace/.claude/skills/send-message'],
  ['the skills of the host', 'agent/.claude/skills'],
])('a link in place of %s leads nothing out', async (_what, path) => {
  await using place = await createPlace();
  await place.put('elsewhere/keep.md', 'Keep.');
  await place.put('elsewhere/.puffo-managed', '');
  await place.put('elsewhere/host-synced.md', '');
  await place.put('elsewhere/sub/host-synced.md', '');
  await place.put('elsewhere/sub/.puffo-managed', '');
  await place.put('elsewhere/.credentials.json', 'Of the operator.');
  await place.put('user/.claude/skills/tidy/SKILL.md', 'Tidy.');
  await place.put('user/.claude/.credentials.json', '{"from": "host"}');
  await place.put('user/.claude/settings.json', '{}');
  const before = await place.files('elsewhere');
  await place.link(path, 'elsewhere');
  const { systemPrompt } = await place.prepare(CLI);
  expect(await place.files('elsewhere')).toEqual(before);
  expect(await place.text('elsewhere/.credentials.json')).toBe('Of the operator.');
  expect(systemPrompt({ speaksByText: true })).toContain('# Puffo.ai platform primer');
  expect((await lstat(place.resolve(path))).isSymbolicLink()).toBe(true);
});

it('a link in place of a prompt file is replaced, and what it leads to stays', async () => {
  await using place = await createPlace();
  await place.put('elsewhere/notes.md', 'Of the operator.');
  await place.link(PROMPT_FILE, 'elsewhere/notes.md');
  await place.prepare();
  expect(await place.text('elsewhere/notes.md')).toBe('Of the operator.');
  expect((await lstat(place.resolve(PROMPT_FILE))).isFile()).toBe(true);
  expect(await place.text(PROMPT_FILE)).toMatch(/^# Puffo\.ai platform primer\n/);
});

it('a link in place of a skill of the host is replaced, and what it leads to stays', async () => {
  await using place = await createPlace();
  await place.put('elsewhere/SKILL.md', 'Of the operator.');
  await place.put('user/.claude/skills/tidy/SKILL.md', 'Tidy.');
  await place.link('agent/.claude/skills/tidy', 'elsewhere');
  await place.prepare(CLI);
  expect(await place.files('elsewhere')).toEqual(['SKILL.md']);
  expect(await place.text('elsewhere/SKILL.md')).toBe('Of the operator.');
  expect(await place.text('agent/.claude/skills/tidy/SKILL.md')).toBe('Tidy.');
});

it('a link in place of the state of Claude Code is not followed: nothing is merged into another file', async () => {
  await using place = await createPlace();
  await place.put('user/.claude.json', '{"mcpServers": {"a": {"command": "a"}}}');
  await place.put('elsewhere/other.json', '{"own": 1}');
  await place.link('agent/.claude.json', 'elsewhere/other.json');
  await place.prepare(CLI);
  expect(await place.text('elsewhere/other.json')).toBe('{"own": 1}');
  expect(place.warnings()).toContain('preparation-incomplete');
});

it('a link that leads nowhere makes nothing there', async () => {
  await using place = await createPlace();
  await place.put('user/.claude.json', '{"a": 1}');
  await place.link('agent/.claude.json', 'elsewhere-new');
  await place.link('agent/workspace/.claude/hooks', 'elsewhere-too');
  await place.prepare(CLI);
  expect([await place.exists('elsewhere-new'), await place.exists('elsewhere-too')]).toEqual([false, false]);
});

it('a link among the notes shows nothing of the operator', async () => {
  await using place = await createPlace();
  await place.put('elsewhere/secret', 'Of the operator.');
  await place.put('agent/memory/good.md', 'A note.');
  await place.link('agent/memory/a.md', 'elsewhere/secret');
  const { systemPrompt } = await place.prepare();
  expect(systemPrompt({ speaksByText: true })).toContain('A note.');
  expect(systemPrompt({ speaksByText: true })).not.toContain('Of the operator.');
  expect(place.warnings()).toEqual(['preparation-incomplete']);
});

it('a link in place of notes and role that are in the workspace shows nothing of the operator', async () => {
  await using place = await createPlace();
  await place.put('elsewhere/secret.md', 'Of the operator.');
  await place.link('agent/workspace/notes', 'elsewhere');
  const { systemPrompt } = await place.prepare({ memoryDir: 'workspace/notes' });
  expect(systemPrompt({ speaksByText: true })).not.toContain('Of the operator.');
  await place.link('agent/workspace/role.md', 'elsewhere/secret.md');
  await expect(place.prepare({ profile: 'workspace/role.md' })).rejects.toThrow('symbolic link');
});

it('a link in place of a former prompt is kept, with what it leads to', async () => {
  await using place = await createPlace();
  await place.put('elsewhere/CLAUDE.md', '# Puffo.ai platform primer\n');
  await place.link('agent/workspace/.claude/CLAUDE.md', 'elsewhere/CLAUDE.md');
  await place.prepare();
  expect(await place.exists('elsewhere/CLAUDE.md')).toBe(true);
  expect((await lstat(place.resolve('agent/workspace/.claude/CLAUDE.md'))).isSymbolicLink()).toBe(true);
  expect(place.warnings()).toEqual([]);
});
