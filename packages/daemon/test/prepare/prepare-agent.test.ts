// spec: daemon-and-cli 1.16, 1.17, 3.3, D-2, D-33, D-36
import { chmod, readFile, stat, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createPlace } from './kit.ts';

const LONG_AGO = new Date(1_000_000_000_000);

describe('the folders of an agent', () => {
  it('are made for this user only, and what is in them stays', async () => {
    await using place = await createPlace();
    await place.put('agent/workspace/.claude/agents/mine.md', 'Mine.');
    const { workspaceDir, memoryDir } = await place.prepare();
    expect([workspaceDir, memoryDir]).toEqual([place.resolve('agent/workspace'), place.resolve('agent/memory')]);
    expect(await place.names('agent/workspace/.claude')).toEqual(['agents', 'commands', 'hooks', 'skills']);
    expect(await place.text('agent/workspace/.claude/agents/mine.md')).toBe('Mine.');
    for (const folder of ['agent/workspace', 'agent/memory', 'agent/workspace/.claude/hooks', 'agent/.claude']) {
      expect([folder, await place.mode(folder)]).toEqual([folder, '700']);
    }
    expect(await place.mode('agent/.claude/CLAUDE.md')).toBe('600');
    expect(place.warnings()).toEqual([]);
  });

  it('may be elsewhere, and keep their permissions there', async () => {
    await using place = await createPlace();
    await place.put('elsewhere/project/README.md', 'Of a team.');
    const workspaceDir = place.resolve('elsewhere/project');
    const before = await place.mode('elsewhere/project');
    const prepared = await place.prepare({ workspaceDir, memoryDir: place.resolve('elsewhere/notes') });
    expect(prepared.workspaceDir).toBe(workspaceDir);
    expect(await place.mode('elsewhere/project')).toBe(before);
    expect(await place.mode('elsewhere/notes')).toBe('700');
    expect(await place.exists('agent/workspace')).toBe(false);
  });

  it('cannot be done without: a file at the place of the workspace is a failure that says so', async () => {
    await using place = await createPlace();
    await place.put('agent/workspace', 'A file.');
    await expect(place.prepare()).rejects.toMatchObject({
      name: 'DaemonError',
      message: expect.stringContaining(place.resolve('agent/workspace')),
    });
  });

  it('are warned of when the agent can do without', async () => {
    await using place = await createPlace();
    await place.put('agent/memory', 'A file.');
    await place.put('agent/.gemini', 'A file.');
    await place.put('agent/profile.md', 'You help.');
    const { systemPrompt } = await place.prepare();
    expect(systemPrompt({ speaksByText: true })).toContain('You help.');
    expect(await place.text('agent/.claude/CLAUDE.md')).toContain('You help.');
    expect(new Set(place.warnings())).toEqual(new Set(['preparation-incomplete']));
  });
});

describe('the role', () => {
  it('runtimes 67: is empty when there is no profile', async () => {
    await using place = await createPlace();
    const { systemPrompt } = await place.prepare();
    expect(systemPrompt({ speaksByText: true })).not.toContain('# Your role');
  });

  it('may be a link of the operator', async () => {
    await using place = await createPlace();
    await place.put('elsewhere/role.md', 'You are shared.');
    await place.link('agent/profile.md', 'elsewhere/role.md');
    const { systemPrompt } = await place.prepare();
    expect(systemPrompt({ speaksByText: true })).toContain('You are shared.');
  });

  it('is a failure when it cannot be read: an agent without its role is not the same agent', async () => {
    await using place = await createPlace();
    await place.put('agent/profile.md/a-file-in-a-folder', '');
    await expect(place.prepare()).rejects.toMatchObject({
      name: 'DaemonError',
      message: expect.stringMatching(/^Cannot read the profile .*profile\.md/),
    });
  });

  it('is cut where it is no role any more, before a character, with a warning', async () => {
    await using place = await createPlace();
    await place.put('agent/profile.md', `x${'é'.repeat(600_000)}`);
    const { systemPrompt } = await place.prepare();
    expect(systemPrompt({ speaksByText: true })).toMatch(/\n\nxé{524287}\n$/);
    expect(place.warnings()).toEqual(['text-cut']);
  });
});

describe('memory', () => {
  it('names what does not fit, and goes on with what does', async () => {
    await using place = await createPlace();
    await place.put('agent/memory/a.md', 'a'.repeat(40_000));
    await place.put('agent/memory/b.md', 'b'.repeat(40_000));
    await place.put('agent/memory/c.md', 'c'.repeat(20_000));
    const { systemPrompt } = await place.prepare();
    const text = systemPrompt({ speaksByText: true });
    expect(text).toContain('a'.repeat(40_000));
    expect(text).toContain('### b\n\n(Not shown: b.md has 40000 bytes');
    expect(text).toContain('c'.repeat(20_000));
    expect(text).not.toContain('bbb');
    expect(place.warnings()).toEqual(['memory-note-left-out']);
  });

  it('is read again when the agent is prepared again', async () => {
    await using place = await createPlace();
    await place.prepare();
    await place.put('agent/memory/new.md', 'Learned today.');
    const { systemPrompt } = await place.prepare();
    expect(systemPrompt({ speaksByText: true })).toContain('### new\n\nLearned today.');
    expect(await place.text('agent/.claude/CLAUDE.md')).toContain('Learned today.');
  });
});

describe('a second start', () => {
  it('writes nothing that is the same', async () => {
    await using place = await createPlace();
    await place.put('agent/profile.md', 'You help.');
    await place.prepare();
    const files = await place.files('home');
    for (const file of files) await utimes(place.resolve(`home/${file}`), LONG_AGO, LONG_AGO);
    await place.prepare();
    expect(await place.files('home')).toEqual(files);
    const times = await Promise.all(files.map(async (file) => (await stat(place.resolve(`home/${file}`))).mtimeMs));
    expect(new Set(times)).toEqual(new Set([LONG_AGO.getTime()]));
  });

  it('closes a prompt file that others could read', async () => {
    await using place = await createPlace();
    await place.prepare();
    await chmod(place.resolve('agent/.claude/CLAUDE.md'), 0o644);
    await place.prepare();
    expect(await place.mode('agent/.claude/CLAUDE.md')).toBe('600');
  });

  it('works for many agents at once', async () => {
    await using place = await createPlace();
    const prepared = await Promise.all(Array.from({ length: 8 }, () => place.prepare()));
    expect(new Set(prepared.map(({ systemPrompt }) => systemPrompt({ speaksByText: true }))).size).toBe(1);
    expect(place.warnings()).toEqual([]);
    expect((await place.files('home')).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });
});

describe('shared skills in the workspace', () => {
  const SKILLS = 'agent/workspace/.claude/skills';

  it('runtimes 69: are folders with SKILL.md and a marker', async () => {
    await using place = await createPlace();
    await place.put('home/docker/shared/skills/our-own.md', 'Of the operator.');
    await place.prepare();
    expect(await place.names(SKILLS)).toHaveLength(11);
    expect(await place.names(`${SKILLS}/send-message`)).toEqual(['.puffo-managed', 'SKILL.md']);
    expect(await place.text(`${SKILLS}/our-own/SKILL.md`)).toBe('Of the operator.');
    expect(await readFile(place.resolve(`${SKILLS}/get-post/SKILL.md`))).toEqual(
      await readFile(place.resolve('home/docker/shared/skills/get-post.md')),
    );
  });

  it('runtimes 69: go when their text goes, and take nothing along that is not ours', async () => {
    await using place = await createPlace();
    await place.put('home/docker/shared/skills/our-own.md', 'Of the operator.');
    await place.put(`${SKILLS}/by-hand/SKILL.md`, 'Of the agent.');
    await place.put(`${SKILLS}/get-post/SKILL.md`, 'Of the agent, by that name.');
    await place.prepare();
    await place.remove('home/docker/shared/skills/our-own.md');
    await place.prepare();
    expect(await place.exists(`${SKILLS}/our-own`)).toBe(false);
    expect(await place.text(`${SKILLS}/by-hand/SKILL.md`)).toBe('Of the agent.');
    expect(await place.text(`${SKILLS}/get-post/SKILL.md`)).toBe('Of the agent, by that name.');
  });

  it('replace flat copies that 0.7.2 left, and leave other flat files', async () => {
    await using place = await createPlace();
    await place.put('home/docker/shared/skills/get-post.md', 'As 0.7.2 has it.');
    await place.put(`${SKILLS}/get-post.md`, 'As 0.7.2 has it.');
    await place.put(`${SKILLS}/send-message.md`, 'Changed by the agent.');
    await place.prepare();
    expect(await place.exists(`${SKILLS}/get-post.md`)).toBe(false);
    expect(await place.text(`${SKILLS}/send-message.md`)).toBe('Changed by the agent.');
  });

  it('that are too large or have no usable name are left out with a warning', async () => {
    await using place = await createPlace();
    await place.put('home/docker/shared/skills/large.md', 'x'.repeat(300_000));
    await place.put('home/docker/shared/skills/two words.md', 'Named like this.');
    await place.prepare();
    expect(await place.names(SKILLS)).toHaveLength(10);
    expect(place.warnings()).toEqual(['shared-skills-misnamed', 'preparation-incomplete']);
  });

  it.each([
    ['codex', 'agent/workspace/.agents/skills'],
    ['gemini-cli', 'agent/workspace/.gemini/skills'],
  ])('are also where %s looks', async (harness, folder) => {
    await using place = await createPlace();
    await place.prepare({ runtime: { kind: 'cli-docker', harness } });
    expect(await place.names(folder)).toHaveLength(10);
  });
});
