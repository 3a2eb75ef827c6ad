// The acceptance statements for the files that a worker prepares, by their numbers. spec: daemon-and-cli 9.2, 65 to 71
import { lstat, readlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { linkHostCredentials } from '../../src/home/link-credentials.ts';
import { importIdentity } from '../../src/home/import-identity.ts';
import { createPlace } from './kit.ts';

const SKILLS = [
  'attachments.md',
  'channel-history.md',
  'channel-members.md',
  'fetch-channel-files.md',
  'get-post.md',
  'get-user-info.md',
  'permissions.md',
  'reload-system-prompt.md',
  'send-message.md',
  'upload-file.md',
];
const CLI = { runtime: { kind: 'cli-local' } } as const;

describe('65, runtimes 67: a profile with invalid UTF-8 still starts, with a warning', () => {
  it.each([
    ['profile', 'agent/profile.md'],
    ['note', 'agent/memory/team.md'],
  ])('that names the file, as does a %s', async (_what, path) => {
    await using place = await createPlace();
    await place.put(path, Buffer.concat([Buffer.from('You help '), Buffer.from([0xff, 0xfe]), Buffer.from(' Alice.')]));
    const { systemPrompt } = await place.prepare();
    expect(systemPrompt({ speaksByText: true })).toContain('You help \uFFFD\uFFFD Alice.');
    expect(place.lines).toContainEqual({
      level: 'warn',
      event: 'text-not-utf8',
      fields: { path: place.resolve(path) },
    });
  });
});

describe('66: the first worker start', () => {
  it('creates docker/shared/CLAUDE.md (first line # Puffo.ai platform primer), README.md, ten skill files', async () => {
    await using place = await createPlace();
    await place.prepare();
    expect((await place.text('home/docker/shared/CLAUDE.md')).split('\n')[0]).toBe('# Puffo.ai platform primer');
    expect(await place.text('home/docker/shared/README.md')).toMatch(/^# /);
    expect(await place.names('home/docker/shared/skills')).toEqual(SKILLS);
    expect(place.warnings()).toEqual([]);
  });

  it('leaves existing edited files untouched', async () => {
    await using place = await createPlace();
    const own = '# Puffo.ai platform primer\n\nOur own rules.\n';
    await place.put('home/docker/shared/CLAUDE.md', own);
    await place.put('home/docker/shared/skills/get-post.md', 'Own help.');
    for (const _start of [1, 2]) await place.prepare();
    expect(await place.text('home/docker/shared/CLAUDE.md')).toBe(own);
    expect(await place.text('home/docker/shared/skills/get-post.md')).toBe('Own help.');
    expect(await place.names('home/docker/shared/skills')).toEqual(SKILLS);
  });
});

describe('67, runtimes 67, 68: <agent>/.claude/CLAUDE.md and .gemini/GEMINI.md', () => {
  it('contain primer, role and memory in this order; a memory/README.md is not included', async () => {
    await using place = await createPlace();
    await place.put('agent/profile.md', 'You water the plants.\n');
    await place.put('agent/memory/b.md', 'second');
    await place.put('agent/memory/a.md', 'first');
    await place.put('agent/memory/README.md', 'for people');
    await place.put('agent/memory/deeper/c.md', 'not directly in it');
    const { systemPrompt } = await place.prepare();
    const text = await place.text('agent/.claude/CLAUDE.md');
    expect(text).toMatch(/^# Puffo\.ai platform primer\n/);
    expect(text.slice(text.indexOf('\n---\n\n# Your role'))).toBe(
      '\n---\n\n# Your role\n\nYou water the plants.\n\n---\n\n# Your memory\n\n### a\n\nfirst\n\n### b\n\nsecond\n',
    );
    expect(await place.text('agent/.gemini/GEMINI.md')).toBe(text);
    expect(await place.text('agent/.codex/AGENTS.md')).toBe(text);
    expect(systemPrompt({ speaksByText: false })).toBe(text);
  });
});

describe('68: a file <ws>/.claude/CLAUDE.md', () => {
  it('starting with the marker line is removed at start', async () => {
    await using place = await createPlace();
    await place.put('agent/workspace/.claude/CLAUDE.md', '# Puffo.ai platform primer\r\n\nOld.');
    await place.prepare();
    expect(await place.exists('agent/workspace/.claude/CLAUDE.md')).toBe(false);
  });

  it.each(['# Puffo.ai platform primer, annotated\n', '\n# Puffo.ai platform primer\n', 'Notes of my own.', ''])(
    'not starting with it is kept: %j',
    async (content) => {
      await using place = await createPlace();
      await place.put('agent/workspace/.claude/CLAUDE.md', content);
      await place.prepare();
      expect(await place.text('agent/workspace/.claude/CLAUDE.md')).toBe(content);
    },
  );
});

describe('69: host skills', () => {
  it('appear under <agent>/.claude/skills with host-synced.md; removed ones disappear', async () => {
    await using place = await createPlace();
    await place.put('user/.claude/skills/tidy/SKILL.md', 'Tidy up.');
    await place.put('user/.claude/skills/tidy/scripts/run.sh', 'exit 0');
    await place.put('user/.claude/skills/notes/SKILL.md', 'Take notes.');
    await place.put('user/.claude/skills/flat.md', 'No folder.');
    await place.prepare(CLI);
    expect(await place.files('agent/.claude/skills')).toEqual([
      'notes/SKILL.md',
      'notes/host-synced.md',
      'tidy/SKILL.md',
      'tidy/host-synced.md',
      'tidy/scripts/run.sh',
    ]);
    await place.remove('user/.claude/skills/notes');
    await place.put('user/.claude/skills/tidy/SKILL.md', 'Tidy up well.');
    await place.prepare(CLI);
    expect(await place.names('agent/.claude/skills')).toEqual(['tidy']);
    expect(await place.text('agent/.claude/skills/tidy/SKILL.md')).toBe('Tidy up well.');
    await place.remove('user/.claude/skills');
    await place.prepare(CLI);
    expect(await place.names('agent/.claude/skills')).toEqual([]);
  });

  it('leave directories with agent-installed.md as they are, always', async () => {
    await using place = await createPlace();
    await place.put('user/.claude/skills/tidy/SKILL.md', 'Of the host.');
    for (const skill of ['tidy', 'own']) {
      await place.put(`agent/.claude/skills/${skill}/SKILL.md`, 'Of the agent.');
      await place.put(`agent/.claude/skills/${skill}/agent-installed.md`, '');
      await place.put(`agent/.claude/skills/${skill}/host-synced.md`, '');
    }
    await place.put('agent/.claude/skills/untagged/SKILL.md', 'Of nobody.');
    const before = await place.files('agent/.claude/skills');
    await place.prepare(CLI);
    expect(await place.files('agent/.claude/skills')).toEqual(before);
    expect(await place.text('agent/.claude/skills/tidy/SKILL.md')).toBe('Of the agent.');
  });

  it('are not copied for kinds that call a model directly', async () => {
    await using place = await createPlace();
    await place.put('user/.claude/skills/tidy/SKILL.md', 'Tidy up.');
    await place.prepare();
    expect(await place.exists('agent/.claude/skills')).toBe(false);
  });
});

describe('70: <agent>/.claude/.credentials.json', () => {
  it('is a symlink to the host file on POSIX, until a daemon of this version puts a view there', async () => {
    await using place = await createPlace();
    await place.put('user/.claude/.credentials.json', '{"claudeAiOauth":{"accessToken":"a","refreshToken":"r"}}');
    await linkHostCredentials(place.agent, place.resolve('user'));
    const path = place.resolve('agent/.claude/.credentials.json');
    expect(await readlink(path)).toBe(place.resolve('user/.claude/.credentials.json'));
    await place.prepare(CLI);
    expect((await lstat(path)).isFile()).toBe(true);
    expect(JSON.parse(await place.text('agent/.claude/.credentials.json'))).toEqual({
      claudeAiOauth: { accessToken: 'a' },
    });
    expect(await place.text('user/.claude/.credentials.json')).toContain('refreshToken');
  });

  it('is left alone without a host file', async () => {
    await using place = await createPlace();
    await place.put('agent/.claude/.credentials.json', 'own');
    await place.prepare(CLI);
    expect(await place.text('agent/.claude/.credentials.json')).toBe('own');
    expect(place.warnings()).toEqual([]);
  });

  it('is missed aloud when nobody is logged in', async () => {
    await using place = await createPlace();
    await place.prepare(CLI);
    expect(place.warnings()).toEqual(['credentials-missing']);
  });
});

describe("71: an identity in puffo-cli's keystore directory", () => {
  it('is copied to <agent>/keys/<slug>.json when missing and never overwritten', async () => {
    await using place = await createPlace();
    const system = { platform: 'linux', environment: {}, homeFolder: place.resolve('user') };
    await place.put('user/.local/share/puffo/puffo-cli/keys/bob-1.json', '{"slug": "bob-1", "n": 1}');
    await place.put('user/.local/share/puffo/puffo-cli/keys/bob-1.session.json', '{"slug": "bob-1"}');
    await importIdentity(place.agent, { slug: 'bob-1', system });
    expect(await place.names('agent/keys')).toEqual(['bob-1.json']);
    await place.put('user/.local/share/puffo/puffo-cli/keys/bob-1.json', '{"slug": "bob-1", "n": 2}');
    await importIdentity(place.agent, { slug: 'bob-1', system });
    expect(await place.text('agent/keys/bob-1.json')).toBe('{"slug": "bob-1", "n": 1}');
  });
});
