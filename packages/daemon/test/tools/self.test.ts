// spec: mcp-tools 14.4, 14.5
import { mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PermissionDecision, PermissionRequest } from '@puffo/engine';
import { createDeferred } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRegisteredServers } from '../../src/tools/self/registered-servers.ts';
import { createToolHost } from '../../src/tools/create-tool-host.ts';
import type { ToolFeatures } from '../../src/tools/tool-parts.ts';
import { startToolWorld, type ToolWorld } from './tool-world.ts';

let world: ToolWorld;
const NO: PermissionDecision = { kind: 'deny', message: 'they said no' };
let decision: PermissionDecision = NO;
const asked: PermissionRequest[] = [];
let calls = 0;

beforeAll(async () => {
  world = await startToolWorld({
    askPermission(request) {
      asked.push(request);
      return Promise.resolve(decision);
    },
  });
});

afterAll(() => world[Symbol.asyncDispose]());

const inWorkspace = (path: string) => join(world.workspaceDir, path);
const read = (path: string) => readFile(inWorkspace(path), 'utf8');

function callWith(features: ToolFeatures, name: string, input: Record<string, unknown>) {
  const host = createToolHost({ ...world.parts, features });
  return host.callTool({ callId: `with_${++calls}`, name, input: input as never }, new AbortController().signal);
}

describe('reload and refresh', () => {
  test('14.43 reload twice is one rebuild, and a flag made by hand is one too and goes', async () => {
    await world.use('reload_system_prompt', {});
    await world.use('reload_system_prompt', {});
    await world.write('.puffo-agent/reload.flag', '{"requested_at": 1}\n');
    expect(await world.requests.take()).toEqual({
      reload: true,
      restart: true,
      newSession: false,
      hostSync: false,
      model: undefined,
    });
    expect(await world.requests.take()).toBeUndefined();
    await expect(stat(inWorkspace('.puffo-agent/reload.flag'))).rejects.toThrow('ENOENT');
  });

  test('14.44 a model is kept, cleared, left alone or refused', async () => {
    await world.use('refresh', { model: ' claude-opus-4-6[1m] ' });
    expect(await world.store.loadSelfSettings()).toEqual({ model: 'claude-opus-4-6[1m]' });
    await world.use('refresh', {});
    expect(await world.store.loadSelfSettings()).toEqual({ model: 'claude-opus-4-6[1m]' });
    await world.use('refresh', { model: '' });
    expect(await world.store.loadSelfSettings()).toEqual({});
    expect(await world.refuse('refresh', { model: 5 })).toContain('`model` has to be a text');
    expect(await world.refuse('refresh', { model: 'rm -rf /' })).toContain('is no name of a model');
    expect(await world.requests.take()).toMatchObject({ restart: true, reload: false });
  });

  test('a model that the account does not have is refused with those that it has', async () => {
    const models = ['small', 'large'];
    const { text } = await callWith({ models }, 'refresh', { model: 'huge' });
    expect(text).toBe("Cannot use the model 'huge': there is small, large");
    const forbidden = await callWith({ mayChangeModel: false }, 'refresh', { model: 'small' });
    expect(forbidden.text).toContain('your operator does not allow it');
  });

  test('14.45 reload and refresh together are one restart with both effects; a damaged flag is a refresh without a model', async () => {
    await world.write('.puffo-agent/refresh.flag', '{broken');
    await world.use('reload_system_prompt', {});
    await world.use('refresh', { new_session: 'true' });
    expect(await world.requests.take()).toEqual({
      reload: true,
      restart: true,
      newSession: true,
      hostSync: false,
      model: undefined,
    });
    await world.write('.puffo-agent/refresh.flag', '{"requested_at": 1, "model": "opus"}');
    expect(await world.requests.take()).toMatchObject({ model: 'opus', restart: true });
  });

  test('a link in the place of a flag is not followed', async () => {
    const outside = join(world.paths.folder, 'outside.flag');
    await writeFile(outside, '{"model": "evil"}');
    await rm(inWorkspace('.puffo-agent'), { recursive: true, force: true });
    await symlink(world.paths.folder, inWorkspace('.puffo-agent'));
    try {
      expect(await world.requests.take()).toBeUndefined();
    } finally {
      await rm(inWorkspace('.puffo-agent'));
    }
    expect(await readFile(outside, 'utf8')).toContain('evil');
  });
});

describe('skills', () => {
  test.each(['', 'Upper', '-lead', ' ', 'a/b', '..', 'x'.repeat(65), 'name\n', 'name ', '\u00e9'])(
    '14.46 the name %j is refused',
    async (name) => {
      expect(await world.refuse('install_skill', { name, content: 'x' })).toContain(
        'a name has 1 to 64 of a-z, 0-9 and -',
      );
      expect(await world.refuse('uninstall_skill', { name })).toContain('a name has');
    },
  );

  test('one that is installed has front matter and a marker, is listed, and asks for a restart', async () => {
    await world.requests.take();
    await world.use('install_skill', { name: 'write-haiku', content: '# Haiku\n\nWrite 5-7-5. Always.' });
    expect(await read('.claude/skills/write-haiku/SKILL.md')).toMatch(
      /^---\nname: write-haiku\ndescription: "Haiku Write 5-7-5"\n---\n\n# Haiku/,
    );
    expect(await world.use('list_skills', {})).toContain('[agent] write-haiku: Haiku Write 5-7-5');
    expect(await world.requests.take()).toMatchObject({ restart: true });
    await world.use('install_skill', { name: 'write-haiku', content: 'another' });
    expect(await read('.claude/skills/write-haiku/SKILL.md')).toContain('another');
    await world.use('uninstall_skill', { name: 'write-haiku' });
    expect(await world.use('list_skills', {})).not.toContain('write-haiku');
  });

  test('14.46 a folder without its marker is neither overwritten nor deleted', async () => {
    await world.write('.claude/skills/theirs/SKILL.md', 'of the operator');
    expect(await world.refuse('install_skill', { name: 'theirs', content: 'mine' })).toContain('it is not yours');
    expect(await world.refuse('uninstall_skill', { name: 'theirs' })).toContain('you did not install it');
    expect(await read('.claude/skills/theirs/SKILL.md')).toBe('of the operator');
    expect(await world.refuse('uninstall_skill', { name: 'none' })).toContain('see list_skills');
  });

  test('too much content is refused, and a link in the place of the folder is not followed', async () => {
    expect(await world.refuse('install_skill', { name: 'big', content: 'x'.repeat(64 * 1024 + 1) })).toContain(
      'more than 64 KiB',
    );
    const outside = join(world.paths.folder, 'elsewhere');
    await mkdir(outside);
    await symlink(outside, inWorkspace('.claude/skills/linked'));
    await world.refuse('install_skill', { name: 'linked', content: 'x' });
    await expect(stat(join(outside, 'SKILL.md'))).rejects.toThrow('ENOENT');
  });

  test('an engine that has no skills is offered no tools for them', () => {
    const names = createToolHost({ ...world.parts, features: {}, askPermission: undefined })
      .listTools()
      .map(({ name }) => name);
    const hidden = [
      'install_skill',
      'uninstall_skill',
      'list_skills',
      'install_mcp_server',
      'list_mcp_servers',
      'leave_space',
    ];
    expect(names.filter((name) => hidden.includes(name))).toEqual([]);
    expect(names).toContain('send_message');
  });
});

describe('MCP servers', () => {
  test('14.48 others stay, ours is reserved, a damaged file is not overwritten', async () => {
    await world.write('.mcp.json', JSON.stringify({ other: 1, mcpServers: { theirs: { command: 'x' } } }));
    await world.use('install_mcp_server', {
      name: 'search',
      command: 'npx',
      args: '["-y","search"]',
      env: { TOKEN: 'secret-token' },
    });
    expect(JSON.parse(await read('.mcp.json'))).toEqual({
      other: 1,
      mcpServers: {
        theirs: { command: 'x' },
        search: { command: 'npx', args: ['-y', 'search'], env: { TOKEN: 'secret-token' } },
      },
    });
    expect(await world.refuse('install_mcp_server', { name: 'puffo', command: 'x' })).toContain('choose another one');
    expect(await world.refuse('install_mcp_server', { name: 'bad\n', command: 'x' })).toContain('letters, digits');
    expect(Object.keys(await readRegisteredServers(world.workspaceDir))).toEqual(['theirs', 'search']);
    await world.write('.mcp.json', '{broken');
    expect(await world.refuse('install_mcp_server', { name: 'search', command: 'npx' })).toContain(
      'it is no JSON object',
    );
    expect(await read('.mcp.json')).toBe('{broken');
    await rm(inWorkspace('.mcp.json'));
  });

  test('14.50 lists never show values of env', async () => {
    await world.use('install_mcp_server', { name: 'search', command: 'npx', env: { TOKEN: 'secret-token' } });
    await world.use('install_mcp_server', {
      name: 'web',
      url: 'https://user:pw@example.com/mcp?key=1',
      headers: { A: 'secret-token' },
    });
    const text = await world.use('list_mcp_servers', {});
    expect(text.split('\n')).toEqual(['2 MCP servers', '[agent] search  npx', '[agent] web  https://example.com']);
    await world.use('uninstall_mcp_server', { name: 'search' });
    expect(await world.refuse('uninstall_mcp_server', { name: 'search' })).toContain('you have not registered it');
    await rm(inWorkspace('.mcp.json'));
    expect(await world.refuse('uninstall_mcp_server', { name: 'search' })).toContain('you have registered no servers');
  });

  test.each([
    ['/Users/me/tool', []],
    ['npx', ['/tmp/evil']],
    ['/home/me/tool', []],
    ['C:\\tool.exe', []],
    ['npx', ['/var/folders/x']],
  ])('14.48 the host path in %s %j is refused for containers and taken on the host', async (command, args) => {
    const input = { name: 'local', command, args };
    expect((await callWith({ mcpServers: true, isContainer: true }, 'install_mcp_server', input)).text).toContain(
      'is a path of the host',
    );
    expect((await callWith({ mcpServers: true }, 'install_mcp_server', input)).isError).toBe(false);
  });

  test('an agent that has to ask registers nothing before its operator agrees', async () => {
    const runtime = { ...world.parts.config().runtime, permissionMode: 'default' };
    const parts = { ...world.parts, config: () => ({ ...world.parts.config(), runtime }) };
    const host = createToolHost(parts);
    const input = { name: 'asked', command: 'npx' };
    decision = NO;
    const denied = await host.callTool(
      { callId: 'ask_1', name: 'install_mcp_server', input },
      new AbortController().signal,
    );
    expect(denied).toEqual({ text: "Cannot register the MCP server 'asked': they said no", isError: true });
    expect(await readRegisteredServers(world.workspaceDir)).not.toHaveProperty('asked');
    expect(asked.at(-1)?.input).toMatchObject({ name: 'asked', command: 'npx' });
    decision = { kind: 'allow', scope: 'once' };
    await host.callTool({ callId: 'ask_2', name: 'install_mcp_server', input }, new AbortController().signal);
    expect(await readRegisteredServers(world.workspaceDir)).toHaveProperty('asked');
  });
});

describe('leaving', () => {
  test('asks the operator, and nothing happens before they agree', async () => {
    const channel = await world.space.createChannel('to leave', [world.agent]);
    decision = NO;
    expect(await world.refuse('leave_channel', { channel: channel.channelId, reason: 'noise' })).toContain(
      'they said no',
    );
    expect(asked.at(-1)).toMatchObject({
      toolName: 'leave_channel',
      input: { channel: `to leave (${channel.channelId})` },
      description: expect.stringContaining('(reason: noise)'),
    });
    expect(await world.use('list_channels', {})).toContain(channel.channelId);
    decision = { kind: 'allow', scope: 'once' };
    await world.use('leave_channel', { channel: channel.channelId });
    await waitFor(
      async () => !(await world.use('list_channels', {})).includes(channel.channelId),
      'the channel to be left',
    );
  });

  test('does not hold up the agent while its operator thinks', async () => {
    const answered = createDeferred<PermissionDecision>();
    let isAsked = false;
    const channel = await world.space.createChannel('undecided', [world.agent]);
    const host = createToolHost({
      ...world.parts,
      askPermission() {
        isAsked = true;
        return answered.promise;
      },
    });
    const calling = new AbortController();
    const leaving = host.callTool(
      { callId: 'leave_later', name: 'leave_channel', input: { channel: channel.channelId } },
      calling.signal,
    );
    await waitFor(() => isAsked, 'the operator to be asked');
    // The turn ends; the question stays.
    calling.abort();
    expect((await leaving).isError).toBe(true);
    answered.resolve({ kind: 'allow', scope: 'once' });
    await waitFor(
      async () => !(await world.use('list_channels', {})).includes(channel.channelId),
      'the channel to be left',
    );
  });

  test('a public channel is left with its space only', async () => {
    const text = await world.refuse('leave_channel', { channel: world.space.general.channelId });
    expect(text).toContain('use leave_space');
  });
});

describe('memory', () => {
  test('14.56 what is written is there after a reload, and over-long topics are refused', async () => {
    await world.requests.take();
    await world.use('write_memory', { topic: 'Team Names', content: 'Alice likes tea', reload: true });
    expect(await readFile(join(world.memoryDir, 'team-names.md'), 'utf8')).toBe('Alice likes tea\n');
    expect(await world.requests.take()).toMatchObject({ reload: true });
    await world.use('write_memory', { topic: 'team-names', content: 'Bob likes coffee', mode: 'append' });
    expect(await world.use('read_memory', { topic: 'team-names' })).toBe(
      'team-names.md:\nAlice likes tea\nBob likes coffee\n',
    );
    expect(await world.use('search_memory', { query: 'COFFEE' })).toContain('team-names: Bob likes coffee');
    expect(await world.use('list_memory', {})).toContain('- team-names  33 bytes');
    expect(await world.refuse('write_memory', { topic: 'big', content: 'x'.repeat(33 * 1024) })).toContain(
      'at most 32.0 KiB',
    );
    expect(await world.refuse('write_memory', { topic: 'team-names', content: ' ' })).toContain('use delete_memory');
  });

  test.each(['readme', 'README.md', '../x', '/etc/passwd', '.trash', 'a/b', '', 'x'.repeat(65)])(
    'the topic %j is refused',
    async (topic) => {
      expect(await world.refuse('write_memory', { topic, content: 'x' })).toContain('Cannot use the topic');
    },
  );

  test('14.56 conflicting hand edits are not overwritten', async () => {
    await world.use('write_memory', { topic: 'plan', content: 'mine' });
    await writeFile(join(world.memoryDir, 'plan.md'), 'by hand');
    expect(await world.refuse('write_memory', { topic: 'plan', content: 'mine again' })).toContain(
      'somebody changed it',
    );
    await world.use('read_memory', { topic: 'plan' });
    await world.use('write_memory', { topic: 'plan', content: 'mine again' });
    const later = new Date(Date.now() + 60_000);
    await writeFile(join(world.memoryDir, 'never-read.md'), 'by hand');
    await utimes(join(world.memoryDir, 'never-read.md'), later, later);
    expect(await world.refuse('write_memory', { topic: 'never-read', content: 'mine' })).toContain(
      'somebody changed it',
    );
  });

  test('a deleted topic can be found by the operator, and a link among the notes is not followed', async () => {
    await world.use('write_memory', { topic: 'gone', content: 'old' });
    await world.use('delete_memory', { topic: 'gone' });
    expect(await world.refuse('read_memory', { topic: 'gone' })).toContain('see list_memory');
    await writeFile(join(world.paths.folder, 'private.md'), 'private');
    await symlink(join(world.paths.folder, 'private.md'), join(world.memoryDir, 'linked.md'));
    expect(await world.use('list_memory', {})).not.toContain('linked');
    await world.refuse('read_memory', { topic: 'linked' });
    await world.use('write_memory', { topic: 'linked', content: 'x' }).catch(() => undefined);
    expect(await readFile(join(world.paths.folder, 'private.md'), 'utf8')).toBe('private');
  });
});

describe('reminders', () => {
  test('are made, listed and cancelled, and keep five minutes between them', async () => {
    const set = await world.use('create_reminder', { content: 'call Bob', in_minutes: '30' }, { callId: 'toolu_rem' });
    const id = /rem_[\w-]+/.exec(set)?.[0] ?? '';
    expect(set).toContain(`in @${world.alice.slug}`);
    expect(await world.use('list_reminders', {})).toContain(`- ${id}  `);
    expect(await world.refuse('create_reminder', { content: 'again', in_minutes: 32 })).toContain(
      '5 minutes have to be between two',
    );
    await world.use('create_reminder', { content: 'in a channel', in_minutes: 60, channel: world.channel.channelId });
    await world.use('cancel_reminder', { reminder_id: id });
    expect(await world.refuse('cancel_reminder', { reminder_id: id })).toContain('no open reminder has this id');
    expect(await world.store.listReminders()).toMatchObject([
      { text: 'in a channel', conversation: { kind: 'channel' } },
    ]);
  });

  test.each([
    [{ content: 'x' }, 'give either `at` or `in_minutes`'],
    [{ content: 'x', at: '2001-01-01T00:00:00Z' }, 'is over'],
    [{ content: 'x', at: 'tomorrow' }, 'has to be a time with a zone'],
    [{ content: 'x', at: '2030-01-31T09:00:00' }, 'has to be a time with a zone'],
    [{ content: 'x', in_minutes: 0 }, 'has to be a number from 1'],
    [{ content: 'x', in_minutes: 1e12 }, 'has to be a number from 1'],
    [{ content: ' ', in_minutes: 5 }, '`content` is empty'],
  ])('%j is refused', async (input, problem) => {
    expect(await world.refuse('create_reminder', input)).toContain(problem);
  });

  test('a turn that a reminder started cannot start the next one at once', async () => {
    world.host.beginTurn('turn_of_reminder', ['notice_rem_1' as never]);
    expect(await world.refuse('create_reminder', { content: 'loop', in_minutes: 1 })).toContain(
      '5 minutes at the earliest',
    );
    await world.host.endTurn('turn_of_reminder');
  });
});
