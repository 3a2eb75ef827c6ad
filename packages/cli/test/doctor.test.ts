// What `puffo-agent doctor` finds, in throw-away homes.
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { describe, expect, test } from 'vitest';
import { examineNode } from '../src/doctor/examine-machine.ts';
import { type AgentHome, createAgentHome, createFixtureHome } from './kit/agent-home.ts';

interface Report {
  readonly ok: boolean;
  readonly findings: readonly {
    readonly ok: boolean;
    readonly what: string;
    readonly why: string | null;
    readonly repair: string | null;
  }[];
}

async function diagnose(home: AgentHome, world: object = {}) {
  const { exitCode, out, problems } = await home.run(['doctor', '--json'], { world });
  const report = JSON.parse(out) as Report;
  const toDo = report.findings.filter(({ ok }) => !ok);
  return { exitCode, problems, report, toDo, whats: toDo.map(({ what }) => what) };
}

/** A running daemon of this home, as far as others can tell. */
async function pretendDaemon(home: AgentHome): Promise<object> {
  await writeFile(home.in('daemon.pid'), '4242');
  return {
    substitutes: { readArguments: async (pid: number) => (pid === 4242 ? ['puffo-agent', 'start'] : undefined) },
  };
}

const CONNECTED = {
  slug: 'x-1a2b',
  yaml: (serverUrl: string, more = '') =>
    `id: x\nstate: running\npuffo_core:\n  server_url: ${serverUrl}\n  slug: x-1a2b\n  device_id: dev_1\n  space_id: sp_1\n` +
    `  operator_slug: o-1a2b\nruntime:\n  kind: chat-local\n${more}`,
};

async function createConnected(serverUrl: string, more = ''): Promise<AgentHome> {
  const home = await createAgentHome();
  await mkdir(home.in('agents', 'x', 'keys'), { recursive: true, mode: 0o700 });
  await writeFile(home.in('agents', 'x', 'agent.yml'), CONNECTED.yaml(serverUrl, more));
  await writeFile(home.in('agents', 'x', 'keys', `${CONNECTED.slug}.json`), '{}');
  await writeFile(home.in('daemon.yml'), 'data_service:\n  enabled: false\n');
  return home;
}

async function startServer(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server: Server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('the doctor', () => {
  test('sends who has nothing yet to the quickstart, and makes nothing itself', async () => {
    await using home = await createAgentHome();
    const { exitCode, toDo } = await diagnose(home);
    expect(exitCode).toBe(1);
    expect(toDo.at(-1)).toMatchObject({ what: 'there is no agent yet', repair: 'puffo-agent quickstart' });
    await expect(readdir(home.home)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('says that all is well, with 0', async () => {
    await using server = await startServer();
    await using home = await createConnected(server.url, '  api_key: sk-ant-0\n');
    const world = await pretendDaemon(home);
    expect(await diagnose(home, world)).toMatchObject({ exitCode: 0, toDo: [], report: { ok: true } });
    const { out, exitCode } = await home.run(['doctor'], { world });
    expect(exitCode).toBe(0);
    expect(out).toContain('All is well.');
    expect(out).not.toContain('sk-ant-0');
  });

  test('lists what is to be done in its order, each with a reason and a repair', async () => {
    await using home = await createConnected('http://127.0.0.1:1');
    await rm(home.in('agents', 'x', 'keys', `${CONNECTED.slug}.json`));
    const { exitCode, toDo, whats } = await diagnose(home);
    expect(exitCode).toBe(1);
    expect(whats).toEqual([
      'the daemon does not run',
      expect.stringContaining("agent 'x' has no keys"),
      "the server of agent 'x' does not answer: http://127.0.0.1:1",
      "agent 'x' has no key for anthropic",
    ]);
    for (const { why, repair } of toDo) expect([why, repair]).toEqual([expect.any(String), expect.any(String)]);
    const { out } = await home.run(['doctor']);
    expect(out).toMatch(/1\. {2}the daemon does not run\n {4}why: .+\n {4}do: {2}puffo-agent start\n2\. /);
  });

  test.each([
    ['of the agent', '  api_key: sk-ant-0\n', {}],
    ['of the environment', '', { ANTHROPIC_API_KEY: 'sk-ant-0' }],
    ['that is not needed by a server of its own', '  provider: openai\n  base_url: http://127.0.0.1:2/v1\n', {}],
    ['that is not needed offline', '  offline: true\n', {}],
  ])('misses no key %s', async (_, more, env) => {
    await using server = await startServer();
    await using home = await createConnected(server.url, more);
    Object.assign(home.env, env);
    expect((await diagnose(home, await pretendDaemon(home))).whats).toEqual([]);
  });

  test('says what the program of an agent is missing, one thing after the other', async () => {
    await using server = await startServer();
    const runtime = '  permission_mode: sometimes\n  harness: codex\n';
    await using home = await createConnected(server.url, runtime);
    const file = home.in('agents', 'x', 'agent.yml');
    await writeFile(file, (await home.read('agents', 'x', 'agent.yml')).replace('chat-local', 'cli-local'));
    home.env['PATH'] = home.in('..', 'bin');
    const world = await pretendDaemon(home);
    const find = async () => (await diagnose(home, world)).toDo.map(({ what, repair }) => [what, repair]);
    expect(await find()).toEqual([
      [expect.stringContaining("Cannot find the program 'codex'"), expect.stringContaining('install it')],
    ]);
    await mkdir(home.in('..', 'bin'));
    await writeFile(home.in('..', 'bin', 'codex'), '#!/bin/sh\n', { mode: 0o755 });
    expect(await find()).toEqual([
      [expect.stringContaining('no permission mode "sometimes"'), 'puffo-agent agent runtime x --permission-mode …'],
    ]);
    const { exitCode } = await home.run(['agent', 'runtime', 'x', '--permission-mode', 'default']);
    expect(exitCode).toBe(0);
    expect(await find()).toEqual([
      [
        "agent 'x' has no key and no login for codex",
        'run codex once and log in, or puffo-agent agent runtime x --api-key …',
      ],
    ]);
    await mkdir(home.in('..', 'user', '.codex'), { recursive: true });
    await writeFile(home.in('..', 'user', '.codex', 'auth.json'), '{}');
    expect(await find()).toEqual([]);
  });

  test('tells the last error of an agent that runs', async () => {
    await using server = await startServer();
    await using home = await createConnected(server.url, '  offline: true\n');
    const world = await pretendDaemon(home);
    const now = Math.floor(Date.now() / 1000);
    const record = { status: 'error', started_at: now, updated_at: now, error: 'The disk is full' };
    await writeFile(home.in('agents', 'x', 'runtime.json'), JSON.stringify(record));
    const { toDo } = await diagnose(home, world);
    expect(toDo).toEqual([
      {
        ok: false,
        what: "agent 'x' says: The disk is full",
        why: expect.any(String),
        repair: 'puffo-agent agent logs x',
      },
    ]);
  });

  test('names an agent without an account, and one with a file that is no YAML', async () => {
    await using home = await createConnected('http://127.0.0.1:1', '  api_key: k\n');
    await writeFile(home.in('agents', 'x', 'agent.yml'), 'id: x\nruntime: {kind: chat-local, api_key: k}\n');
    await mkdir(home.in('agents', 'y'));
    await writeFile(home.in('agents', 'y', 'agent.yml'), 'id: [\n');
    const { whats } = await diagnose(home, await pretendDaemon(home));
    expect(whats).toEqual([
      expect.stringContaining("agent 'x' has no account yet"),
      expect.stringContaining("agent 'y'"),
    ]);
  });

  test('stops at a daemon.yml that cannot be used, and names it', async () => {
    await using home = await createConnected('http://127.0.0.1:1');
    await writeFile(home.in('daemon.yml'), 'anthropic: key\n');
    const { whats, toDo } = await diagnose(home);
    expect(whats).toEqual([expect.stringContaining("'anthropic' is not a mapping")]);
    expect(toDo[0]?.repair).toBe(`edit ${home.in('daemon.yml')}`);
  });

  test('names a port that somebody else has', async () => {
    await using server = await startServer();
    await using home = await createConnected(server.url, '  offline: true\n');
    const { port } = new URL(server.url);
    await writeFile(home.in('daemon.yml'), `data_service:\n  port: ${port}\n`);
    const { whats } = await diagnose(home);
    expect(whats).toContain(`another program has port ${port} of 127.0.0.1`);
    expect((await diagnose(home, await pretendDaemon(home))).whats).toEqual([]);
  });

  test('names a file that stands where the home should be', async () => {
    await using home = await createAgentHome();
    await writeFile(home.home, '');
    expect((await diagnose(home)).whats).toEqual([`${home.home} is no folder`]);
  });

  test('reads a home of 0.7.2 and leaves every byte of it', async () => {
    await using home = await createFixtureHome();
    const before = await home.read('daemon.yml');
    const { exitCode, whats } = await diagnose(home);
    expect(exitCode).toBe(1);
    expect(whats).toContain('the daemon does not run');
    expect(await home.read('daemon.yml')).toBe(before);
  });

  test.each([
    ['20.18.3', 'problem'],
    ['18.20.0', 'problem'],
    ['20.19.0', 'well'],
    ['24.0.0', 'well'],
  ])('finds Node %s a %s', (version, kind) => expect(examineNode(version).kind).toBe(kind));
});
