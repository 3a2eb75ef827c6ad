// Commands while a daemon runs: they go to it and say what really happened. Its control server is real, its workers are not.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { systemClock, systemRandom, silentLogger } from '@puffo/base';
import { type LiveAgent, type RuntimeFacts, startControlServer } from '@puffo/daemon';
import { createHome } from '@puffo/daemon/home';
import { describe, expect, it } from 'vitest';
import { type AgentHome, createAgentHome } from './kit/agent-home.ts';
import { createX, fieldOf } from './kit/look-at-home.ts';

const ONLINE: RuntimeFacts = {
  status: 'running',
  phase: 'online',
  startedAt: 1,
  msgCount: 0,
  lastEventAt: 0,
  error: '',
  health: 'ok',
  connectedAt: 2,
  lastErrorAt: undefined,
  nextRetryAt: undefined,
  messagesWaiting: 0,
  messagesFailed: 0,
  tokensToday: { input: 0, output: 0 },
};

interface TestDaemon extends AgentHome {
  /** Ids that the daemon was asked to settle. */
  readonly settled: readonly string[];
}

/** What becomes of every agent that an operation is about. */
async function withDaemon(facts: RuntimeFacts | undefined): Promise<TestDaemon> {
  const home = await createAgentHome();
  await createX(home);
  const settled: string[] = [];
  const server = await startControlServer({
    context: {
      home: createHome(home.home),
      environment: {},
      homeFolder: home.folder,
      platform: process.platform,
      now: systemClock,
      readArguments: () => Promise.resolve(undefined),
      warn: () => undefined,
    },
    supervisor: {
      reconcile: () => Promise.resolve(),
      list: () => [],
      changeApproval: () => Promise.resolve(undefined),
      settle(id): Promise<LiveAgent> {
        settled.push(id);
        return Promise.resolve({ id, facts });
      },
    },
    pid: process.pid,
    random: systemRandom,
    logger: silentLogger,
  });
  return {
    ...home,
    settled,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

function stateOf(home: AgentHome): Promise<string | undefined> {
  return home.read('agents', 'x', 'agent.yml').then((yaml) => fieldOf(yaml, 'state'));
}

describe('with a daemon', () => {
  it('pause and resume say what became of the agent', async () => {
    await using resting = await withDaemon(undefined);
    expect(await resting.run(['agent', 'pause', 'x'])).toEqual({
      exitCode: 0,
      out: "agent 'x' state set to paused\nagent 'x' is stopped\n",
      problems: '',
    });
    expect(await stateOf(resting)).toBe('paused');
    expect((await resting.run(['agent', 'pause', 'x'])).out).toBe("agent 'x' already paused\nagent 'x' is stopped\n");

    await using working = await withDaemon(ONLINE);
    expect(await working.run(['agent', 'resume', 'x'])).toEqual({
      exitCode: 0,
      out: "agent 'x' already running\nagent 'x' is running: online\n",
      problems: '',
    });
    expect(working.settled).toEqual(['x']);
  });

  it.each([
    [
      'that cannot work',
      { ...ONLINE, status: 'error', phase: 'backoff', error: 'no key for anthropic' },
      '',
      "warning: agent 'x' cannot work: no key for anthropic\n",
    ],
    [
      'without a connection',
      { ...ONLINE, phase: 'offline', error: 'Cannot reach http://h' },
      '',
      "warning: agent 'x' is running, but has no connection: Cannot reach http://h\n",
    ],
    [
      'that still starts',
      { ...ONLINE, phase: 'connecting' },
      "agent 'x' is running: still connecting; see puffo-agent status\n",
      '',
    ],
  ] satisfies readonly (readonly [string, RuntimeFacts, string, string])[])(
    'a change of an agent %s exits 0, and its trouble stands beside',
    async (_name, facts, said, problems) => {
      await using home = await withDaemon(facts);
      expect(await home.run(['agent', 'runtime', 'x', '--model', 'large'])).toEqual({
        exitCode: 0,
        out: `agent 'x' runtime updated:\n  kind=chat-local model=large\n${said}`,
        problems,
      });
    },
  );

  it('pause and resume do not claim what has not happened', async () => {
    await using busy = await withDaemon(ONLINE);
    expect(await busy.run(['agent', 'pause', 'x'])).toEqual({
      exitCode: 0,
      out: "agent 'x' state set to paused\nagent 'x' still ends what it is doing; see puffo-agent status\n",
      problems: '',
    });
    await using idle = await withDaemon(undefined);
    expect(await idle.run(['agent', 'resume', 'x'])).toEqual({
      exitCode: 0,
      out: "agent 'x' already running\n",
      problems: "warning: agent 'x' was not started; see puffo-agent status\n",
    });
  });

  it('create makes the agent and says how it is, without its key', async () => {
    await using home = await withDaemon({ ...ONLINE, status: 'error', error: 'puffo_core needs slug' });
    const { exitCode, out, problems } = await home.run(['agent', 'create', '--id', 'y', '--api-key', 'very-secret']);
    expect({ exitCode, problems }).toEqual({
      exitCode: 0,
      problems: "warning: agent 'y' cannot work: puffo_core needs slug\n",
    });
    expect(out).toContain(`created agent 'y' at ${home.in('agents', 'y')}\n`);
    expect(out + problems).not.toContain('very-secret');
    expect(await home.read('agents', 'y', 'agent.yml')).toContain('api_key: very-secret\n');
    expect(home.settled).toEqual(['y']);
  });

  it('rename stores the trimmed name', async () => {
    await using home = await withDaemon(ONLINE);
    expect((await home.run(['agent', 'rename', 'x', '  New 名前 '])).out).toContain("display_name set to 'New 名前'");
    expect(fieldOf(await home.read('agents', 'x', 'agent.yml'), 'display_name')).toBe('New 名前');
  });

  it('archive moves the folder and prints where it is', async () => {
    await using home = await withDaemon(undefined);
    const { exitCode, out } = await home.run(['agent', 'archive', 'x']);
    const [name = ''] = await readdir(home.in('archived'));
    expect({ exitCode, out }).toEqual({
      exitCode: 0,
      out: `flipped 'x' to paused; the daemon has released it\narchived 'x' → ${home.in('archived', name)}\n`,
    });
    expect(fieldOf(await home.read('archived', name, 'agent.yml'), 'state')).toBe('paused');
  });

  it.each([
    [['agent', 'pause', 'nope'], "error: agent 'nope' not found\n"],
    [['agent', 'archive', '..'], "error: agent '..' not found\n"],
    [['agent', 'rename', 'x', ' '], 'error: display_name cannot be empty\n'],
    [['agent', 'runtime', 'x', '--max-turns', '0'], 'error: max_turns must be 1 or more\n'],
  ])('%j fails as it does without one', async (args, problems) => {
    await using home = await withDaemon(ONLINE);
    expect(await home.run(args)).toEqual({ exitCode: 2, out: '', problems });
  });

  it('warnings about files reach the person who asked', async () => {
    await using home = await withDaemon(ONLINE);
    const file = home.in('agents', 'x', 'agent.yml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('kind: chat-local', 'kind: chat-only'));
    expect((await home.run(['agent', 'pause', 'x'])).problems).toMatch(/^warning: agent 'x'.*chat-only.*chat-local/);
  });
});

/** Takes commands and never answers: `act` is what it does before it ends. */
async function withDyingDaemon(act: (home: AgentHome) => Promise<void>): Promise<AgentHome & { asked: () => number }> {
  const home = await createAgentHome();
  await createX(home);
  await mkdir(home.in('run'), { recursive: true });
  const socket = home.in('run', 'control.sock');
  let asked = 0;
  const server = createServer((request) => {
    asked++;
    void act(home).then(() => request.socket.destroy());
  }).listen(socket);
  await once(server, 'listening');
  await writeFile(home.in('run', 'control.json'), JSON.stringify({ pid: 1, socket, token: 't' }));
  return {
    ...home,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await home[Symbol.asyncDispose]();
    },
  };
}

describe('a daemon that ends before it answers', () => {
  it('is not asked twice; what it has done counts', async () => {
    await using home = await withDyingDaemon(async ({ in: path }) => {
      const file = path('agents', 'x', 'agent.yml');
      await writeFile(file, (await readFile(file, 'utf8')).replace('state: running', 'state: paused'));
    });
    const { exitCode, out, problems } = await home.run(['agent', 'pause', 'x']);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "agent 'x' state set to paused\n" });
    expect(problems).toMatch(/^warning: the daemon did not answer/);
    expect(home.asked()).toBe(1);
  });

  it.each([
    [['agent', 'pause', 'x']],
    [['agent', 'rename', 'x', 'New']],
    [['agent', 'runtime', 'x', '--model', 'large']],
    [['agent', 'archive', 'x']],
    [['agent', 'create', '--id', 'y', '--api-key', 'k']],
  ])('without having done %j is said, with exit code 1', async (args) => {
    await using home = await withDyingDaemon(() => Promise.resolve());
    const before = await home.read('agents', 'x', 'agent.yml');
    const { exitCode, out, problems } = await home.run(args);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(problems).toMatch(/^error: the daemon gave no answer/);
    expect(home.asked()).toBe(1);
    expect(await home.read('agents', 'x', 'agent.yml')).toBe(before);
    expect(await readdir(home.in('agents'))).toEqual(['x']);
  });

  it('and is gone by now leaves everything to files', async () => {
    await using home = await createAgentHome();
    await createX(home);
    await mkdir(home.in('run'), { recursive: true });
    const address = { pid: 1, socket: home.in('run', 'control.sock'), token: 't' };
    await writeFile(home.in('run', 'control.json'), JSON.stringify(address));
    expect(await home.run(['agent', 'pause', 'x'])).toEqual({
      exitCode: 0,
      out: "agent 'x' state set to paused\n",
      problems: '',
    });
  });
});
