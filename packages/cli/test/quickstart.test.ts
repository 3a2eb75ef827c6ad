// The first run, as real processes in throw-away homes: server, daemon and command, with real encryption between them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeProvider, waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { createFixtureHome, PROGRAM } from './kit/agent-home.ts';

/** Several programs start one after the other. */
const PATIENCE_MS = 180_000;
const PATIENCE = { timeoutMs: PATIENCE_MS };

interface FreshHome extends AsyncDisposable {
  readonly folder: string;
  readonly env: Record<string, string>;
  in(...names: readonly string[]): string;
  start(args: readonly string[]): Run;
  /** To its end. */
  run(
    ...args: readonly string[]
  ): Promise<{ readonly exitCode: number | null; readonly out: string; readonly problems: string }>;
}

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly problems: () => string;
  readonly ended: Promise<number | null>;
}

async function createFreshHome(): Promise<FreshHome> {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-quick-'));
  const home = join(folder, 'home');
  const user = join(folder, 'user');
  await mkdir(user);
  await mkdir(home, { mode: 0o700 });
  // Its port is one for all daemons of a machine, and no part of this.
  await writeFile(join(home, 'daemon.yml'), '# mine\ndata_service:\n  enabled: false\n', { mode: 0o600 });
  const runs: Run[] = [];
  const env: Record<string, string> = {
    PATH: '/usr/bin:/bin',
    HOME: user,
    PUFFO_AGENT_HOME: home,
    OLLAMA_HOST: '127.0.0.1:1',
    USER: 'robin',
  };

  function start(args: readonly string[]): Run {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let problems = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (problems += chunk));
    const ended = once(child, 'close').then(() => child.exitCode);
    const run = { child, out: () => out, problems: () => problems, ended };
    runs.push(run);
    return run;
  }

  return {
    folder: home,
    env,
    in: (...names) => join(home, ...names),
    start,
    async run(...args) {
      const { ended, out, problems } = start(args);
      return { exitCode: await ended, out: out(), problems: problems() };
    },
    async [Symbol.asyncDispose]() {
      expect(await readdir(user)).toEqual([]);
      for (const { child } of runs) child.kill('SIGKILL');
      await Promise.all(runs.map(({ ended }) => ended));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `@helper-1a2b` */
function slugsIn(out: string): readonly string[] {
  return [...new Set(out.match(/@[a-z0-9]+-[0-9a-f]{4}\b/g) ?? [])].toSorted();
}

async function listKeys(home: FreshHome, ...folder: readonly string[]): Promise<readonly string[]> {
  const names = await readdir(home.in(...folder));
  return names.filter((name) => /^[a-z0-9]+-[0-9a-f]{4}\.json$/.test(name));
}

describe('the quickstart without a terminal', () => {
  test(
    'ends in an answer of an agent, and continues the same world the next time',
    { timeout: PATIENCE_MS },
    async () => {
      await using home = await createFreshHome();
      const first = await home.run('quickstart');
      expect(first).toMatchObject({ exitCode: 0, problems: '' });
      expect(first.out).toMatch(/@robin-[0-9a-f]{4}/);
      expect(first.out).toContain('did this reach you encrypted?');
      expect(first.out).toContain('I am not an AI');
      expect(first.out).toContain(home.in('server'));
      await expectNoPlainText(home);
      const world = await readFile(home.in('operator', 'quickstart.json'), 'utf8');
      const agentFile = await readFile(home.in('agents', 'helper', 'agent.yml'), 'utf8');
      expect(await readFile(home.in('daemon.yml'), 'utf8')).toMatch(/^# mine\n/);

      const second = await home.run('quickstart');
      expect(second).toMatchObject({ exitCode: 0, problems: '' });
      expect(slugsIn(second.out)).toEqual(slugsIn(first.out));
      expect(second.out).toContain('not an AI');
      expect(await readFile(home.in('operator', 'quickstart.json'), 'utf8')).toBe(world);
      expect(await readFile(home.in('agents', 'helper', 'agent.yml'), 'utf8')).toBe(agentFile);
    },
  );

  test(
    'goes on where it was, however often and wherever two at once were killed',
    { timeout: PATIENCE_MS },
    async () => {
      await using home = await createFreshHome();
      const steps = [
        'Making a small world',
        'started the daemon',
        'signed up',
        'made the space',
        'registered your agent',
      ];
      for (const progress of steps) {
        const pair = [home.start(['quickstart']), home.start(['quickstart'])];
        // What a run before had finished is not told again.
        await waitFor(
          () => pair.some(({ out, child }) => out().includes(progress) || child.exitCode !== null),
          `"${progress}"`,
          PATIENCE,
        );
        for (const { child } of pair) child.kill('SIGKILL');
      }
      const { exitCode, out, problems } = await home.run('quickstart');
      expect({ exitCode, problems }).toEqual({ exitCode: 0, problems: '' });
      expect(out).toContain('not an AI');
      expect(await listKeys(home, 'operator', 'keys')).toHaveLength(1);
      expect(await listKeys(home, 'agents', 'helper', 'keys')).toHaveLength(1);
      expect(await readdir(home.in('agents'))).toEqual(['helper']);
    },
  );

  test('takes a model as soon as there is one, and says which', { timeout: PATIENCE_MS }, async () => {
    await using home = await createFreshHome();
    expect((await home.run('quickstart')).out).toContain('I am not an AI');
    await using provider = await startFakeProvider();
    provider.script(['I am a model.']);
    home.env['OLLAMA_HOST'] = provider.url;
    const { exitCode, out, problems } = await home.run('quickstart');
    expect({ exitCode, problems }).toEqual({ exitCode: 0, problems: '' });
    expect(out).toContain('I am a model.');
    expect(out).toMatch(/it answers with \S+, by Ollama at http:/);
    expect(out).not.toContain('not an AI');
    expect(await readFile(home.in('agents', 'helper', 'agent.yml'), 'utf8')).toContain('offline: false');
    expect(provider.unexpected).toEqual([]);
  });

  test('says what to do when another program has the port of its server', { timeout: PATIENCE_MS }, async () => {
    await using home = await createFreshHome();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await appendFile(home.in('daemon.yml'), `embedded_server:\n  enabled: true\n  port: ${port}\n`);
    const { exitCode, problems } = await home.run('quickstart');
    expect(exitCode).toBe(1);
    expect(problems).toContain(`Cannot listen on 127.0.0.1:${port}: another program uses it`);
    expect(problems).toMatch(/error: Cannot go on: the server .* does not answer; .*see puffo-agent doctor\n$/);
    other.close();
    expect((await home.run('quickstart')).exitCode).toBe(0);
  });

  test('uses the daemon that runs, and lets it run', { timeout: PATIENCE_MS }, async () => {
    await using home = await createFreshHome();
    expect((await home.run('quickstart')).exitCode).toBe(0);
    const daemon = home.start(['start']);
    await waitFor(() => isThere(home.in('daemon.ready')), 'the daemon', PATIENCE);
    const { exitCode, out } = await home.run('quickstart');
    expect(exitCode).toBe(0);
    expect(out).toContain(`found the daemon (process ${daemon.child.pid})`);
    expect(daemon.child.exitCode).toBeNull();
    expect((await home.run('doctor')).exitCode).toBe(0);
    daemon.child.kill('SIGTERM');
    expect(await daemon.ended).toBe(0);
  });
});

test('the quickstart leaves a home of 0.7.2 as it is, and says what to do with it', async () => {
  await using home = await createFixtureHome();
  const before = await readdir(home.home, { recursive: true });
  const { exitCode, out } = await home.run(['quickstart']);
  expect(exitCode).toBe(0);
  expect(out).toContain('nothing was made or changed');
  expect(out).toContain('helper-9a7c');
  expect(out).toContain('puffo-agent start');
  expect(await readdir(home.home, { recursive: true })).toEqual(before);
});

/** What the server was given, and never understood. */
async function expectNoPlainText(home: FreshHome): Promise<void> {
  const names = await readdir(home.in('server'), { recursive: true });
  expect(names).toContain('puffo-server.db');
  for (const name of names) {
    const path = home.in('server', name);
    if (!(await stat(path)).isFile()) continue;
    const bytes = await readFile(path, 'latin1');
    expect(bytes).not.toContain('did this reach you');
    expect(bytes).not.toContain('I am not an AI');
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
