// spec: daemon-and-cli 1.17, 1.18, runtimes 5.1, 6.4
import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createPlace } from './kit.ts';

const CLI = { runtime: { kind: 'cli-local' } } as const;
const CONTAINER = { runtime: { kind: 'cli-docker' } } as const;

describe('settings of Claude Code', () => {
  it('are seeded once, for this user only', async () => {
    await using place = await createPlace();
    await place.put('user/.claude.json', '{"theme": "dark"}');
    await place.put('user/.claude/settings.json', '{"model": "x"}');
    await place.prepare(CLI);
    expect(await place.text('agent/.claude.json')).toBe('{"theme": "dark"}');
    expect(await place.text('agent/.claude/settings.json')).toBe('{"model": "x"}');
    expect([await place.mode('agent/.claude.json'), await place.mode('agent/.claude/settings.json')]).toEqual([
      '600',
      '600',
    ]);
    await place.put('user/.claude.json', '{"theme": "light"}');
    await place.prepare(CLI);
    expect(await place.text('agent/.claude.json')).toBe('{"theme": "dark"}');
  });

  it('are not given to kinds that call a model directly', async () => {
    await using place = await createPlace();
    await place.put('user/.claude.json', '{"mcpServers": {"a": {"command": "a"}}}');
    await place.put('user/.claude/.credentials.json', '{}');
    await place.prepare({ runtime: { kind: 'sdk-local' } });
    expect(await place.exists('agent/.claude.json')).toBe(false);
    expect(await place.names('agent/.claude')).toEqual(['CLAUDE.md']);
  });

  it('lose a key that would be billed per use', async () => {
    await using place = await createPlace();
    await place.put('user/.claude/settings.json', '{"env": {"ANTHROPIC_API_KEY": "sk", "A": "b"}, "model": "x"}');
    await place.prepare(CLI);
    expect(JSON.parse(await place.text('agent/.claude/settings.json'))).toEqual({ env: { A: 'b' }, model: 'x' });
    expect(await place.text('user/.claude/settings.json')).toContain('sk');
  });

  it('that cannot be understood are left alone', async () => {
    await using place = await createPlace();
    const unusual = '{"env": {"ANTHROPIC_API_KEY": "a", "ANTHROPIC_API_KEY": "b"}}';
    await place.put('agent/.claude/settings.json', unusual);
    await place.prepare(CLI);
    expect(await place.text('agent/.claude/settings.json')).toBe(unusual);
    expect(place.warnings()).toContain('preparation-incomplete');
  });
});

describe('tool servers of the host', () => {
  const HOST = { mcpServers: { both: { command: 'of-host' }, host: { command: 'npx', args: ['x'] } } };

  it('are merged by name: the host wins, and everything else survives', async () => {
    await using place = await createPlace();
    await place.put('user/.claude.json', JSON.stringify(HOST));
    await place.put(
      'agent/.claude.json',
      JSON.stringify({
        mcpServers: { both: { command: 'of-agent' }, own: { command: 'own' } },
        projects: { '/a': {} },
      }),
    );
    await place.prepare(CLI);
    expect(JSON.parse(await place.text('agent/.claude.json'))).toEqual({
      mcpServers: { ...HOST.mcpServers, own: { command: 'own' } },
      projects: { '/a': {} },
    });
  });

  it.each(['', '{broken', '[]'])('are written where the file of the agent is %j', async (content) => {
    await using place = await createPlace();
    await place.put('user/.claude.json', JSON.stringify(HOST));
    await place.put('agent/.claude.json', content);
    await place.prepare(CLI);
    expect(JSON.parse(await place.text('agent/.claude.json'))).toEqual(HOST);
  });

  it.each(['{}', '{"mcpServers": {}}', '{"mcpServers": []}', 'broken'])(
    'are none in %j, and then nothing is written',
    async (content) => {
      await using place = await createPlace();
      await place.put('user/.claude.json', content);
      await place.put('agent/.claude.json', '{"a":1}');
      await place.prepare(CLI);
      expect(await place.text('agent/.claude.json')).toBe('{"a":1}');
    },
  );

  it('are not written again when they are there', async () => {
    await using place = await createPlace();
    await place.put('user/.claude.json', JSON.stringify(HOST));
    await place.put('agent/.claude.json', JSON.stringify(HOST));
    await place.prepare(CLI);
    expect(await place.text('agent/.claude.json')).toBe(JSON.stringify(HOST));
  });

  it.each([
    [{ command: '/home/agent/bin/x' }, true],
    [{ command: 'npx', args: ['-y', 'server'] }, true],
    [{ type: 'http', url: 'https://x.example' }, true],
    [{ command: '/home/alice/bin/x' }, false],
    [{ command: '/Users/alice/x' }, false],
    [{ command: 'C:/x' }, false],
    [{ command: '..\\x' }, false],
    [{ command: '/tmp/x' }, false],
    [{ command: '/var/folders/x' }, false],
    [{ command: 'npx', args: ['/home/alice/server.js'] }, false],
  ])('are taken into a container when they exist there: %j → %s', async (server, isTaken) => {
    await using place = await createPlace();
    await place.put('user/.claude.json', JSON.stringify({ mcpServers: { it: server } }));
    await place.put('agent/.claude.json', '{}');
    await place.prepare(CONTAINER);
    expect(Object.keys(JSON.parse(await place.text('agent/.claude.json'))).length).toBe(isTaken ? 1 : 0);
    expect(place.warnings()).toEqual(isTaken ? [] : ['mcp-server-left-out']);
  });

  it('that exist on the host only are fine for an agent of the host', async () => {
    await using place = await createPlace();
    await place.put('user/.claude.json', '{"mcpServers": {"it": {"command": "/home/alice/x"}}}');
    await place.put('user/.claude/.credentials.json', '{}');
    await place.put('agent/.claude.json', '{}');
    await place.prepare(CLI);
    expect(await place.text('agent/.claude.json')).toContain('/home/alice/x');
    expect(place.warnings()).toEqual([]);
  });
});

describe('skills of the host', () => {
  it('keep their programs, and do not bring markers along', async () => {
    await using place = await createPlace();
    await place.put('user/.claude/skills/tidy/SKILL.md', 'Tidy.');
    await place.put('user/.claude/skills/tidy/run.sh', 'exit 0');
    await place.put('user/.claude/skills/tidy/agent-installed.md', '');
    await chmod(place.resolve('user/.claude/skills/tidy/run.sh'), 0o755);
    await place.prepare(CLI);
    expect(await place.names('agent/.claude/skills/tidy')).toEqual(['SKILL.md', 'host-synced.md', 'run.sh']);
    expect(await place.mode('agent/.claude/skills/tidy/run.sh')).toBe('700');
    expect(await place.mode('agent/.claude/skills/tidy/SKILL.md')).toBe('600');
  });

  it('may be linked folders, but links in them are left out', async () => {
    await using place = await createPlace();
    await place.put('elsewhere/skills/tidy/SKILL.md', 'Tidy.');
    await place.put('elsewhere/secret/key', 'secret');
    await place.link('elsewhere/skills/tidy/key', 'elsewhere/secret/key');
    await place.link('elsewhere/skills/tidy/folder', 'elsewhere/secret');
    await place.link('user/.claude/skills/tidy', 'elsewhere/skills/tidy');
    await place.link('user/.claude/skills/nowhere', 'elsewhere/not-there');
    await place.prepare(CLI);
    expect(await place.files('agent/.claude/skills')).toEqual(['tidy/SKILL.md', 'tidy/host-synced.md']);
  });

  it.each([
    ['too many files', Array.from({ length: 1001 }, (_each, at) => [`f${at}`, ''] as const)],
    ['too many bytes', [['big', 'x'.repeat(21 * 1024 * 1024)] as const]],
    ['folders too deep', [[`${'d/'.repeat(12)}f`, ''] as const]],
  ])('with %s are left out with a warning, and others come', async (_what, files) => {
    await using place = await createPlace();
    for (const [name, content] of files) await place.put(`user/.claude/skills/big/${name}`, content);
    await place.put('user/.claude/skills/tidy/SKILL.md', 'Tidy.');
    await place.put('user/.claude/.credentials.json', '{}');
    await place.prepare(CLI);
    expect(await place.names('agent/.claude/skills')).toEqual(['tidy']);
    expect(place.warnings()).toEqual(['preparation-incomplete']);
  });

  it('of Gemini go into the workspace of a container', async () => {
    await using place = await createPlace();
    await place.put('user/.gemini/skills/plan/SKILL.md', 'Plan.');
    await place.prepare(CONTAINER);
    expect(await place.text('agent/workspace/.gemini/skills/plan/host-synced.md')).toContain('~/.gemini/skills');
    await place.remove('user/.gemini');
    await place.prepare(CONTAINER);
    expect(await place.names('agent/workspace/.gemini/skills')).toEqual([]);
  });
});

describe('the login of the host', () => {
  it.each([
    ['in a container', CONTAINER],
    ['to a harness of somebody else', { runtime: { kind: 'cli-local', harness: 'codex' } } as const],
  ])('is not linked %s', async (_where, changes) => {
    await using place = await createPlace();
    await place.put('user/.claude/.credentials.json', '{}');
    await place.prepare(changes);
    expect(await place.exists('agent/.claude/.credentials.json')).toBe(false);
  });
});
