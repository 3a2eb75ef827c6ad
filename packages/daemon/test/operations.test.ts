// What commands, the bridge and tools do to a home.
import { chmod, cp, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dropFlag } from '../src/home/flags.ts';
import { writeRuntimeRecord } from '../src/home/runtime-record.ts';
import { archiveAgent } from '../src/operations/archive-agent.ts';
import { checkUpdate, createHttpChannel, isOlder } from '../src/operations/check-update.ts';
import { connectAgent } from '../src/operations/connect-agent.ts';
import { configure, readSettings } from '../src/operations/configure.ts';
import { type AgentCreation, createAgent, findKey } from '../src/operations/create-agent.ts';
import { editProfile } from '../src/operations/edit-profile.ts';
import { listAgents } from '../src/operations/list-agents.ts';
import { refreshPing } from '../src/operations/refresh-ping.ts';
import { setRuntime } from '../src/operations/set-runtime.ts';
import { showAgent } from '../src/operations/show-agent.ts';
import { splitWords } from '../src/operations/split-words.ts';
import { copyFixtureHome, makeTemporaryHome } from './kit/temporary-home.ts';

const HELPER = 'helper-9a7c';
const CREATION: AgentCreation = {
  id: 'x',
  kind: 'chat-local',
  provider: '',
  model: '',
  apiKey: 'k',
  baseUrl: '',
  onMention: true,
  onDm: true,
  onChannel: false,
};

describe('createAgent', () => {
  it('leaves nothing behind when it fails half-way', async () => {
    await using temporary = await makeTemporaryHome();
    const profile = join(temporary.folder, 'secret.md');
    await writeFile(profile, 'text');
    const context = temporary.context({
      now: () => {
        throw new Error('no clock');
      },
    });
    await expect(createAgent(context, { ...CREATION, profile })).rejects.toThrow('no clock');
    expect(await readdir(temporary.home.agentsFolder)).toEqual([]);
  });

  it('takes a folder that only a late worker made, and no other', async () => {
    await using temporary = await makeTemporaryHome();
    const { home } = temporary;
    await mkdir(home.agent('x').flagsFolder, { recursive: true });
    await writeFile(home.agent('x').runtimeFile, '{}');
    await createAgent(temporary.context(), CREATION);
    expect((await readdir(home.agent('x').folder)).toSorted()).toEqual(['agent.yml', 'memory', 'profile.md']);
    await mkdir(home.agent('y').folder);
    await writeFile(home.agent('y').databaseFile, '');
    await expect(createAgent(temporary.context(), { ...CREATION, id: 'y' })).rejects.toThrow(/already exists/);
    expect(await readdir(home.agent('y').folder)).toEqual(['messages.db']);
  });

  it('makes one agent of two that are made at once', async () => {
    await using temporary = await makeTemporaryHome();
    const results = await Promise.allSettled([1, 2, 3].map(() => createAgent(temporary.context(), CREATION)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('copies a profile with its time', async () => {
    await using temporary = await makeTemporaryHome();
    const profile = join(temporary.folder, 'role.md');
    await writeFile(profile, 'You are Bob.', { mode: 0o644 });
    await utimes(profile, 1000, 2000);
    const { folder } = await createAgent(temporary.context(), { ...CREATION, profile });
    const stats = await stat(join(folder, 'profile.md'));
    expect([await readFile(join(folder, 'profile.md'), 'utf8'), stats.mtimeMs, stats.mode & 0o777]).toEqual([
      'You are Bob.',
      2_000_000,
      0o600,
    ]);
  });

  it('is read by this program with the triggers of a new agent', async () => {
    await using temporary = await makeTemporaryHome();
    await createAgent(temporary.context(), {
      ...CREATION,
      baseUrl: 'http://127.0.0.1:1/v1',
      harness: 'codex',
      provider: 'openai',
      kind: 'cli-local',
    });
    expect(await showAgent(temporary.context(), { id: 'x' })).toMatchObject({
      problem: undefined,
      runtime: { baseUrl: 'http://127.0.0.1:1/v1', harness: 'codex', provider: 'openai' },
      triggers: { onMention: true, onDm: true, onChannel: false },
    });
  });
});

describe('findKey', () => {
  it.each([
    ['cli-local', '', { kind: 'inherited' }],
    ['cli-docker', 'google', { kind: 'inherited' }],
    ['chat-local', 'openai', { kind: 'inherited' }],
    ['chat-local', 'google', { kind: 'found', apiKey: 'g', variable: 'GEMINI_API_KEY' }],
    ['sdk-local', '', { kind: 'unknown', provider: 'anthropic' }],
  ])('for %s with provider %j finds %j', async (kind, provider, found) => {
    await using temporary = await makeTemporaryHome();
    await configure(temporary.context(), { keys: { openai: 'o' } });
    const context = temporary.context({ environment: { GEMINI_API_KEY: 'g', OPENAI_API_KEY: 'not this' } });
    expect(await findKey(context, { kind, provider })).toEqual(found);
  });
});

describe('listAgents', () => {
  it('counts the time of a worker only while it runs', async () => {
    await using temporary = await copyFixtureHome();
    const agent = temporary.home.agent(HELPER);
    const base = { startedAt: 900, updatedAt: 990, msgCount: 3, lastEventAt: 0, error: '', health: 'ok', others: {} };
    await writeFile(temporary.home.pidFile, '11');
    const context = temporary.context({
      now: () => 1_000_000,
      readArguments: () => Promise.resolve(['puffo-agent', 'start']),
    });
    async function uptimeOf(status: string, updatedAt: number): Promise<number | undefined> {
      await writeRuntimeRecord(agent, { ...base, status, updatedAt });
      const found = (await listAgents(context)).find(({ id }) => id === HELPER);
      return found?.kind === 'agent' ? found.runtime?.uptimeSeconds : -1;
    }
    expect(await uptimeOf('running', 990)).toBe(100);
    expect(await uptimeOf('stopped', 990)).toBeUndefined();
    expect(await uptimeOf('running', 900)).toBeUndefined();
  });
});

describe('setRuntime', () => {
  it('refuses what is chosen and cannot run, and leaves alone what a file says already', async () => {
    await using temporary = await copyFixtureHome();
    const context = temporary.context();
    const id = 'writer-11aa';
    const { agentFile } = temporary.home.agent(id);
    await expect(setRuntime(context, { id, changes: { provider: 'openai' } })).rejects.toThrow(/sdk-local.*openai/);
    await writeFile(agentFile, (await readFile(agentFile, 'utf8')).replace("provider: ''", 'provider: openai'));
    const { runtime } = await setRuntime(context, { id, changes: { model: 'm' } });
    expect(runtime).toMatchObject({ provider: 'openai', model: 'm' });
  });

  it('never hands out the key', async () => {
    await using temporary = await copyFixtureHome();
    const result = await setRuntime(temporary.context(), { id: HELPER, changes: { apiKey: 'sk-new-key' } });
    expect(result.runtime.hasApiKey).toBe(true);
    expect(JSON.stringify([result, await showAgent(temporary.context(), { id: HELPER })])).not.toMatch(/sk-/);
  });

  it('ends the offline model when a model is chosen, and only then', async () => {
    await using temporary = await copyFixtureHome();
    const context = temporary.context();
    const { agentFile } = temporary.home.agent(HELPER);
    await setRuntime(context, { id: HELPER, changes: { offline: true } });
    await setRuntime(context, { id: HELPER, changes: { maxTurns: 3 } });
    expect(await readFile(agentFile, 'utf8')).toMatch(/^ {2}offline: true$/m);
    await setRuntime(context, { id: HELPER, changes: { apiKey: 'k' } });
    expect(await readFile(agentFile, 'utf8')).toMatch(/^ {2}offline: false$/m);
    await setRuntime(context, { id: 'writer-11aa', changes: { model: 'm' } });
    expect(await readFile(temporary.home.agent('writer-11aa').agentFile, 'utf8')).not.toContain('offline');
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d turns', async (maxTurns) => {
    await using temporary = await copyFixtureHome();
    await expect(setRuntime(temporary.context(), { id: HELPER, changes: { maxTurns } })).rejects.toThrow('1 or more');
  });
});

describe('connectAgent', () => {
  it('writes identity and channels, and leaves the rest of the file', async () => {
    await using temporary = await makeTemporaryHome();
    const context = temporary.context();
    await createAgent(context, CREATION);
    const core = {
      serverUrl: 'http://127.0.0.1:1',
      slug: 'x-1a2b',
      deviceId: 'dev_1',
      spaceId: 'sp_1',
      operatorSlug: 'o-1',
    };
    expect(await connectAgent(context, { id: 'x', core, channels: { ch_1: 'all' } })).toBe(true);
    const { puffoCore, triggers, runtime } = await showAgent(context, { id: 'x' });
    expect({ puffoCore, triggers }).toEqual({
      puffoCore: core,
      triggers: { onMention: true, onDm: true, onChannel: false, channels: { ch_1: 'all' } },
    });
    expect(runtime.hasApiKey).toBe(true);
    expect(await connectAgent(context, { id: 'x', core })).toBe(false);
    await expect(connectAgent(context, { id: 'y', core })).rejects.toThrow("agent 'y' not found");
  });
});

describe('archiveAgent', () => {
  it('waits for a daemon to let go, and not without one', async () => {
    await using temporary = await copyFixtureHome();
    const { home } = temporary;
    const agent = home.agent(HELPER);
    const record = {
      status: 'running',
      startedAt: 1,
      updatedAt: 1,
      msgCount: 0,
      lastEventAt: 0,
      error: '',
      health: 'ok',
      others: {},
    };
    await writeRuntimeRecord(agent, record);
    await writeFile(home.pidFile, '11');
    await dropFlag(agent, 'restart');
    const context = temporary.context({ readArguments: () => Promise.resolve(['puffo-agent', 'start']) });
    const archiving = archiveAgent(context, {
      id: HELPER,
      onPaused: () => void writeRuntimeRecord(agent, { ...record, status: 'stopped' }),
    });
    const target = await archiving;
    expect(await readFile(join(target, 'agent.yml'), 'utf8')).toContain('state: paused');
    expect(await readdir(join(target, '.puffo-agent'))).toEqual([]);
    expect(temporary.warnings).toEqual([]);
  });

  it('moves what is no YAML, as it is', async () => {
    await using temporary = await copyFixtureHome();
    const agent = temporary.home.agent(HELPER);
    await writeFile(agent.agentFile, 'a: b: c\n');
    const target = await archiveAgent(temporary.context(), { id: HELPER });
    expect(await readFile(join(target, 'agent.yml'), 'utf8')).toBe('a: b: c\n');
    expect(temporary.warnings).toEqual([expect.stringContaining('not valid YAML')]);
  });
});

describe('configure', () => {
  it('keeps what is there, takes what the environment offers, and clears what it is told to', async () => {
    await using temporary = await makeTemporaryHome();
    const context = temporary.context({
      environment: { ANTHROPIC_API_KEY: 'sk-from-environment', GOOGLE_API_KEY: 'short' },
    });
    expect((await readSettings(context)).keys).toEqual({
      anthropic: { kind: 'environment', tail: 'ment', variable: 'ANTHROPIC_API_KEY' },
      openai: { kind: 'none' },
      google: { kind: 'environment', tail: '', variable: 'GOOGLE_API_KEY' },
    });
    await configure(context, { keys: { google: '' } });
    expect((await readSettings(context)).keys).toMatchObject({
      anthropic: { kind: 'stored', tail: 'ment' },
      google: { kind: 'environment' },
    });
    await configure(temporary.context(), { defaultProvider: 'openai', keys: { anthropic: '' } });
    const text = await readFile(temporary.home.daemonFile, 'utf8');
    expect(text).toContain('default_provider: openai\n');
    expect(text).toContain("anthropic:\n  api_key: ''\n  model: claude-sonnet-4-6\n");
  });

  it('refuses a provider that does not exist, before it writes', async () => {
    await using temporary = await makeTemporaryHome();
    await expect(configure(temporary.context(), { defaultProvider: 'mistral', keys: {} })).rejects.toThrow(
      /unknown provider 'mistral'/,
    );
    await expect(stat(temporary.home.folder)).rejects.toThrow('ENOENT');
  });
});

describe('splitWords', () => {
  it.each([
    ['code --wait', ['code', '--wait']],
    ['  vi  ', ['vi']],
    [String.raw`"/a b/vi" 'c d' e\ f ""`, ['/a b/vi', 'c d', 'e f', '']],
    [String.raw`"a \"b\" \n" 'c\'`, [String.raw`a "b" \n`, 'c\\']],
    ['a\'b\'"c"', ['abc']],
    ['', []],
    ['$(rm) `x` $HOME', ['$(rm)', '`x`', '$HOME']],
  ])('splits %j', (line, words) => expect(splitWords(line)).toEqual(words));

  it.each(['"a', "a 'b", 'a\\'])('refuses %j', (line) => expect(splitWords(line)).toBeUndefined());
});

describe('editProfile', () => {
  it('runs the editor on the profile, and tells it the home', async () => {
    await using temporary = await copyFixtureHome();
    const script = join(temporary.folder, 'an editor.sh');
    await writeFile(script, '#!/bin/sh\necho "$1 $PUFFO_AGENT_HOME" > "$2"\nexit 7\n');
    await chmod(script, 0o755);
    const environment = { PATH: '/usr/bin:/bin', EDITOR: `'${script}' --flag` };
    await editProfile(temporary.context({ environment }), { id: HELPER });
    expect(await readFile(temporary.home.agent(HELPER).resolve('profile.md'), 'utf8')).toBe(
      `--flag ${temporary.home.folder}\n`,
    );
  });

  it.each(['no-such-editor-here', '"unfinished'])('says that there is no %s', async (editor) => {
    await using temporary = await copyFixtureHome();
    const environment = { PATH: '/usr/bin:/bin', EDITOR: editor };
    await expect(editProfile(temporary.context({ environment }), { id: HELPER })).rejects.toThrow(
      /^editor '.*' not found\. Set \$EDITOR and retry\.$/,
    );
  });
});

describe('checkUpdate', () => {
  it.each([
    ['0.7.2', '0.7.3', true],
    ['0.7.2', '0.7.10', true],
    ['0.7.2', 'v0.7.2', false],
    ['0.8.0', '0.7.9', false],
    ['1.0', '1.0.1', true],
    ['1.0.0-rc1', '1.0.0', false],
  ])('compares %s with %s', (installed, latest, isBehind) => expect(isOlder(installed, latest)).toBe(isBehind));

  it('does not fail when nobody answers, or with nonsense', async () => {
    const unknown = { latest: undefined, isBehind: false };
    expect(await checkUpdate('1.0.0', undefined)).toEqual(unknown);
    expect(await checkUpdate('1.0.0', () => Promise.reject(new Error('offline')))).toEqual(unknown);
    expect(await checkUpdate('1.0.0', createHttpChannel('http://127.0.0.1:1/'))).toEqual(unknown);
    expect(await checkUpdate('1.0.0', () => Promise.resolve('v1.1.0'))).toEqual({ latest: '1.1.0', isBehind: true });
  });

  it.each([
    ['a release list', 200, '{"tag_name": "v2.0.1"}', '2.0.1'],
    ['a package registry', 200, '{"name": "x", "version": "3.0.0"}', '3.0.0'],
    ['an error', 500, '{"version": "3.0.0"}', undefined],
    ['text', 200, 'hello', undefined],
    ['what is no version', 200, '{"version": "\u001b[31m"}', undefined],
    ['too much', 200, `{"version": "3.0.0", "x": "${'x'.repeat(300_000)}"}`, undefined],
  ])('reads the answer of %s', async (_name, status, body, latest) => {
    const server = createServer((_request, response) => void response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const found = await checkUpdate('1.0.0', createHttpChannel(`http://127.0.0.1:${port}/latest`));
    server.closeAllConnections();
    server.close();
    expect(found.latest).toBe(latest);
  });
});

describe('refreshPing', () => {
  it('shows what happens to the login, never a token, and keeps the keys of the operator to itself', async () => {
    await using temporary = await copyFixtureHome();
    const bin = join(temporary.folder, 'bin');
    const user = join(temporary.folder, 'user');
    await mkdir(bin);
    await mkdir(join(user, '.claude'), { recursive: true });
    const login = {
      claudeAiOauth: {
        accessToken: 'secret-access',
        refreshToken: 'secret-refresh',
        expiresAt: 1_000_060_000,
        scopes: ['a', 'b'],
      },
    };
    await writeFile(join(user, '.claude', '.credentials.json'), JSON.stringify(login));
    await writeFile(
      join(bin, 'claude'),
      '#!/bin/sh\necho "args $*"\necho "home $HOME cwd $(pwd) key [$ANTHROPIC_API_KEY]"\nexit 3\n',
      { mode: 0o755 },
    );
    const environment = { PATH: `${bin}:/usr/bin:/bin`, ANTHROPIC_API_KEY: 'sk-operator' };
    const lines: string[] = [];
    const context = temporary.context({ environment, now: () => 1_000_000_000 });
    await refreshPing(context, { id: 'coder-22bb', print: (line) => lines.push(line) });
    const { folder } = temporary.home.agent('coder-22bb');
    const text = lines.join('\n');
    expect(lines).toContain('link_host_credentials -> symlink');
    expect(lines).toContain(
      'args --dangerously-skip-permissions --print --max-turns 1 --output-format stream-json --verbose --model claude-opus-4-7 ok',
    );
    expect(lines).toContain(`home ${folder} cwd ${folder}/workspace key []`);
    expect(lines).toContainEqual(expect.stringMatching(/^rc=3 {2}elapsed=\d+\.\ds$/));
    expect(lines).toContain('agent credentials: not present');
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^agent credentials: .*expiresAt=1970-01-12T13:47:40Z \(\+60s\) {2}access=yes {2}refresh=yes {2}scopes=a,b$/,
      ),
    );
    expect(text.slice(text.indexOf('--- stderr ---'))).toMatch(/^--- stderr ---\n\(empty\)\n/);
    expect(text).not.toMatch(/secret-|sk-operator/);
  });
});

it('finds agents by the rule of ids only, whatever is in the folder', async () => {
  await using temporary = await copyFixtureHome();
  const { home } = temporary;
  await cp(home.agent(HELPER).folder, join(home.agentsFolder, 'not ok'), { recursive: true });
  await expect(showAgent(temporary.context(), { id: 'not ok' })).rejects.toThrow("agent 'not ok' not found");
  await expect(showAgent(temporary.context(), { id: `../agents/${HELPER}` })).rejects.toThrow('not found');
  expect((await listAgents(temporary.context())).map(({ id }) => id)).toContain('not ok');
});
