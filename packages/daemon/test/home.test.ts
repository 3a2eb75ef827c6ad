// The files of a home: where they are, who may read them, and what stays as it was.
import { chmod, lstat, mkdir, readdir, readFile, readlink, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DaemonError } from '../src/daemon-error.ts';
import { readAgentFile, loadAgentConfig } from '../src/home/agent-file.ts';
import { isAgentId } from '../src/home/agent-id.ts';
import { archiveFolder, deleteFolder, stampOf } from '../src/home/archive-folder.ts';
import { dropFlag, hasFlag, readStopRequest, removeStopRequest, requestStop } from '../src/home/flags.ts';
import { importIdentity } from '../src/home/import-identity.ts';
import { linkHostCredentials } from '../src/home/link-credentials.ts';
import { repairModes } from '../src/home/repair-modes.ts';
import { findIgnoredHome, resolveHome } from '../src/home/resolve-home.ts';
import { currentStatus, readRuntimeRecord, writeRuntimeRecord } from '../src/home/runtime-record.ts';
import { changeYamlFile } from '../src/home/yaml-file.ts';
import { pauseAgent } from '../src/operations/set-state.ts';
import { copyFixtureHome, makeTemporaryHome } from './kit/temporary-home.ts';

const HELPER = 'helper-9a7c';

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('resolveHome', () => {
  const sources = { homeFolder: '/home/u', workingFolder: '/srv/here', platform: 'linux', environment: {} };

  it.each([
    ['unset', undefined, '/home/u/.puffo-agent'],
    ['empty', '', '/home/u/.puffo-agent'],
    ['absolute', '/srv/home', '/srv/home'],
    ['relative', 'x/../y', '/srv/here/y'],
    ['below the home of the user', '~/x', '/home/u/x'],
    ['the home of the user', '~', '/home/u'],
    ['below the home of somebody else', '~bob/x', '/home/bob/x'],
  ])('takes a variable that is %s', (_name, value, home) => {
    const environment = { PUFFO_AGENT_HOME: value, PUFFO_HOME: '/elsewhere' };
    const findHomeOf = (user: string) => (user === 'bob' ? '/home/bob' : undefined);
    expect(resolveHome({ ...sources, environment, findHomeOf })).toBe(home);
  });

  it('says that a user is not known', () => {
    const environment = { PUFFO_AGENT_HOME: '~nobody-here/x' };
    expect(() => resolveHome({ ...sources, environment })).toThrow(/PUFFO_AGENT_HOME=~nobody-here\/x.*is not known/);
  });

  it('knows the paths of Windows', () => {
    const windows = {
      ...sources,
      platform: 'win32',
      homeFolder: String.raw`C:\Users\u`,
      workingFolder: String.raw`D:\w`,
    };
    expect(resolveHome(windows)).toBe(String.raw`C:\Users\u\.puffo-agent`);
    expect(resolveHome({ ...windows, environment: { PUFFO_AGENT_HOME: '~/x' } })).toBe(String.raw`C:\Users\u\x`);
  });

  it('says when the former variable has no effect', () => {
    expect(findIgnoredHome({ ...sources, environment: { PUFFO_HOME: '/a' } }, '/a')).toBeUndefined();
    expect(findIgnoredHome({ ...sources, environment: { PUFFO_HOME: '/b' } }, '/a')).toMatch(/PUFFO_HOME.*no effect/);
  });
});

describe('isAgentId', () => {
  it.each(['a', 'A-b_9', '0', 'x'.repeat(64)])('takes %s', (id) => expect(isAgentId(id)).toBe(true));
  it.each(['', '-a', '_a', '.', '..', 'a b', 'a/b', 'a\n', 'ä', 'x'.repeat(65)])('refuses %j', (id) => {
    expect(isAgentId(id)).toBe(false);
  });
});

describe('agent.yml', () => {
  it('gets the id of its folder and current names when something else is changed', async () => {
    await using temporary = await makeTemporaryHome();
    const agent = temporary.home.agent('m1');
    await mkdir(agent.folder, { recursive: true });
    await writeFile(agent.agentFile, '# mine\nid: other\nruntime:\n  kind: sdk  # old\n  extra: 1\n');
    await pauseAgent(temporary.context(), { id: 'm1' });
    expect(await readFile(agent.agentFile, 'utf8')).toBe(
      '# mine\nid: m1\nruntime:\n  kind: sdk-local  # old\n  extra: 1\nstate: paused\n',
    );
    expect(temporary.warnings).toHaveLength(2);
  });

  it('is named with its place and without its content when it is no YAML', async () => {
    await using temporary = await makeTemporaryHome();
    const agent = temporary.home.agent('m1');
    await mkdir(agent.folder, { recursive: true });
    await writeFile(agent.agentFile, 'api_key: sk-secret: x\n');
    const file = await readAgentFile(agent);
    expect(file).toMatchObject({ kind: 'damaged', problem: expect.stringContaining(agent.agentFile) as string });
    expect(JSON.stringify(file)).not.toContain('sk-secret');
    await expect(loadAgentConfig(agent)).rejects.toThrow(DaemonError);
  });

  it('takes up what another program wrote between reading and writing', async () => {
    await using temporary = await makeTemporaryHome();
    const path = join(temporary.folder, 'x.yml');
    await writeFile(path, 'a: 1\nb: 1\n');
    let calls = 0;
    const { writeFileSync } = await import('node:fs');
    await changeYamlFile(path, {
      editsOf() {
        if (++calls === 1) writeFileSync(path, 'a: 1\nb: 2\n');
        return [{ path: ['a'], value: 'x' }];
      },
    });
    expect(await readFile(path, 'utf8')).toBe('a: x\nb: 2\n');
    expect(calls).toBe(2);
  });

  it('gets all of many changes at once', async () => {
    await using temporary = await makeTemporaryHome();
    const path = join(temporary.folder, 'x.yml');
    await writeFile(path, 'a: 1\n');
    const names = Array.from({ length: 8 }, (_, at) => `n${at}`);
    await Promise.all(names.map((name) => changeYamlFile(path, { editsOf: () => [{ path: [name], value: name }] })));
    expect((await readFile(path, 'utf8')).split('\n').toSorted()).toEqual([
      '',
      'a: 1',
      ...names.map((name) => `${name}: ${name}`),
    ]);
  });
});

describe('runtime.json', () => {
  it.each(['', '[]', '7', '{', '"x"'])('is no data when it holds %j', async (text) => {
    await using temporary = await copyFixtureHome();
    const agent = temporary.home.agent(HELPER);
    await writeFile(agent.runtimeFile, text);
    expect(await readRuntimeRecord(agent)).toBeUndefined();
  });

  it('keeps what later versions put in, and does not bring a folder back', async () => {
    await using temporary = await copyFixtureHome();
    const agent = temporary.home.agent(HELPER);
    await writeFile(agent.runtimeFile, '{"status":"running","max_context":5}');
    const record = await readRuntimeRecord(agent);
    expect(record).toMatchObject({ status: 'running', health: 'unknown', others: { max_context: 5 } });
    if (record === undefined) throw new Error('unreachable');
    await writeRuntimeRecord(agent, record);
    expect(await readFile(agent.runtimeFile, 'utf8')).toContain('"max_context": 5');
    const gone = temporary.home.agent('gone');
    await writeRuntimeRecord(gone, record);
    await expect(stat(gone.folder)).rejects.toThrow('ENOENT');
  });

  it.each([
    ['running', 29, true, 'running'],
    ['running', 30, true, 'stale'],
    ['running', 5, false, 'stale'],
    ['error', 300, true, 'stale'],
    ['stopped', 300, false, 'stopped'],
  ])(
    'of a worker that is %s, written %d s ago, with a live daemon: %s, counts as %s',
    (status, age, isDaemonAlive, shown) => {
      const record = {
        status,
        startedAt: 0,
        updatedAt: 1000,
        msgCount: 0,
        lastEventAt: 0,
        error: '',
        health: '',
        others: {},
      };
      expect(currentStatus(record, { isDaemonAlive, now: (1000 + age) * 1000 })).toBe(shown);
    },
  );
});

describe('a request to stop', () => {
  it.each([
    ['1778400000', { pid: undefined, createdAt: 1_778_400_000 }],
    ['{"pid": 7, "created_at": 9}', { pid: 7, createdAt: 9 }],
    ['', { pid: undefined, createdAt: undefined }],
    ['whatever', { pid: undefined, createdAt: undefined }],
  ])('may say %j', async (text, request) => {
    await using temporary = await copyFixtureHome();
    await writeFile(temporary.home.stopFile, text);
    expect(await readStopRequest(temporary.home)).toEqual(request);
  });

  it('is read as it was written, and can be removed twice', async () => {
    await using temporary = await copyFixtureHome();
    const { home } = temporary;
    expect(await readStopRequest(home)).toBeUndefined();
    await requestStop(home, { pid: 5, createdAt: 6 });
    expect(await readStopRequest(home)).toEqual({ pid: 5, createdAt: 6 });
    await removeStopRequest(home);
    await removeStopRequest(home);
    expect(await readStopRequest(home)).toBeUndefined();
  });
});

describe('archiveFolder', () => {
  it('gives copies of one second different names, and leaves no flag in them', async () => {
    await using temporary = await copyFixtureHome();
    const { home } = temporary;
    const now = new Date(2026, 4, 10, 12, 0, 3).getTime();
    const agent = home.agent(HELPER);
    await dropFlag(agent, 'archive');
    expect(await hasFlag(agent, 'archive')).toBe(true);
    const first = await archiveFolder(agent, { home, origin: 'operator', now });
    await mkdir(agent.folder);
    await writeFile(agent.agentFile, 'id: x\n');
    const second = await archiveFolder(agent, { home, origin: 'operator', now });
    await mkdir(agent.folder);
    const third = await archiveFolder(agent, { home, origin: 'flag', now });
    const folder = join(home.archivedFolder, `${HELPER}-20260510-120003`);
    expect([first, second, third]).toEqual([
      folder,
      `${folder}-2`,
      join(home.archivedFolder, `${HELPER}-ws-20260510-120003`),
    ]);
    expect(await readFile(join(first, 'keys', `${HELPER}.json`), 'utf8')).toContain('root_secret_key');
    await expect(stat(join(first, '.puffo-agent', 'archive.flag'))).rejects.toThrow('ENOENT');
  });

  it('makes way for deleting, which leaves nothing', async () => {
    await using temporary = await copyFixtureHome();
    const { home } = temporary;
    await deleteFolder(home.agent(HELPER), { home, now: 0 });
    await expect(stat(home.agent(HELPER).folder)).rejects.toThrow('ENOENT');
    expect(await readdir(home.archivedFolder)).toEqual([]);
  });

  it('stamps in local time', () => {
    expect(stampOf(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('20260102-030405');
  });
});

describe('importIdentity', () => {
  it('copies the identity that puffo-cli has, once, from either of its places', async () => {
    await using temporary = await makeTemporaryHome();
    const agent = temporary.home.agent('x');
    const data = join(temporary.folder, 'data');
    const from = join(data, 'puffo-cli', 'keys', 'bob-1234.json');
    const system = { platform: 'linux', environment: { XDG_DATA_HOME: data }, homeFolder: '/none' };
    await mkdir(join(data, 'puffo-cli', 'keys'), { recursive: true });
    expect(await importIdentity(agent, { slug: 'bob-1234', system })).toMatchObject({ kind: 'none' });
    await writeFile(from, '{"slug": "bob-1234"}');
    const to = join(agent.keysFolder, 'bob-1234.json');
    expect(await importIdentity(agent, { slug: 'bob-1234', system })).toEqual({ kind: 'imported', from, to });
    expect([await modeOf(to), await modeOf(agent.keysFolder)]).toEqual(['600', '700']);
    await writeFile(from, '{"slug": "bob-1234", "new": 1}');
    expect(await importIdentity(agent, { slug: 'bob-1234', system })).toEqual({ kind: 'present' });
    expect(await readFile(to, 'utf8')).toBe('{"slug": "bob-1234"}');
  });

  it.each(['', '../../x', 'a/b', '.'])('takes no slug for a path: %j', async (slug) => {
    await using temporary = await makeTemporaryHome();
    const system = { platform: 'linux', environment: {}, homeFolder: temporary.folder };
    expect(await importIdentity(temporary.home.agent('x'), { slug, system })).toEqual({ kind: 'none', looked: [] });
  });

  it('takes no file of somebody else for it', async () => {
    await using temporary = await makeTemporaryHome();
    const keys = join(temporary.folder, 'puffo', 'puffo-cli', 'keys');
    await mkdir(keys, { recursive: true });
    await writeFile(join(keys, 'bob-1.json'), '{"slug": "eve-1"}');
    const system = { platform: 'linux', environment: { XDG_DATA_HOME: temporary.folder }, homeFolder: '/none' };
    expect(await importIdentity(temporary.home.agent('x'), { slug: 'bob-1', system })).toMatchObject({ kind: 'none' });
  });
});

describe('repairModes', () => {
  it('closes what holds secrets, and neither follows links nor touches anything else', async () => {
    await using temporary = await copyFixtureHome();
    const { home } = temporary;
    const agent = home.agent(HELPER);
    const foreign = join(temporary.folder, 'host-credentials');
    await writeFile(foreign, '{}', { mode: 0o644 });
    await mkdir(agent.claudeFolder);
    await symlink(foreign, join(agent.claudeFolder, '.credentials.json'));
    await mkdir(join(agent.folder, 'workspace'));
    await writeFile(join(agent.folder, 'workspace', 'report.txt'), '', { mode: 0o644 });
    for (const path of [home.folder, home.agentsFolder, agent.folder, agent.keysFolder]) await chmod(path, 0o755);
    repairModes(home);
    const files = [
      home.daemonFile,
      home.pairingFile,
      agent.agentFile,
      agent.databaseFile,
      agent.runtimeFile,
      join(agent.keysFolder, `${HELPER}.json`),
    ];
    expect(await Promise.all(files.map(modeOf))).toEqual(files.map(() => '600'));
    const folders = [home.folder, home.agentsFolder, agent.folder, agent.keysFolder, agent.claudeFolder];
    expect(await Promise.all(folders.map(modeOf))).toEqual(folders.map(() => '700'));
    expect(await modeOf(foreign)).toBe('644');
    expect(await modeOf(join(agent.folder, 'workspace', 'report.txt'))).toBe('644');
  });

  it('makes nothing', async () => {
    await using temporary = await makeTemporaryHome();
    repairModes(temporary.home);
    await expect(stat(temporary.home.folder)).rejects.toThrow('ENOENT');
  });
});

describe('linkHostCredentials', () => {
  it('links to the file of the host, and says what it found', async () => {
    await using temporary = await makeTemporaryHome();
    const agent = temporary.home.agent('x');
    const hostHome = join(temporary.folder, 'user');
    const hostFile = join(hostHome, '.claude', '.credentials.json');
    const agentFile = join(agent.claudeFolder, '.credentials.json');
    await mkdir(agent.claudeFolder, { recursive: true });
    await writeFile(agentFile, 'own');
    expect(await linkHostCredentials(agent, hostHome)).toBe('no-host-file');
    expect(await readFile(agentFile, 'utf8')).toBe('own');
    await mkdir(join(hostHome, '.claude'), { recursive: true });
    await writeFile(hostFile, 'one');
    await utimes(hostFile, 1000, 2000);
    await utimes(agentFile, 1000, 2000);
    expect(await linkHostCredentials(agent, hostHome)).toBe('copy (fresh)');
    await utimes(agentFile, 1000, 3000);
    expect(await linkHostCredentials(agent, hostHome)).toBe('symlink');
    expect(await readlink(agentFile)).toBe(hostFile);
    expect(await linkHostCredentials(agent, hostHome)).toBe('symlink (already)');
    expect((await lstat(agentFile)).isSymbolicLink()).toBe(true);
  });
});
