import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger, systemClock, systemRandom } from '@puffo/base';
import { readProcessArguments, runProgram } from '@puffo/host';
import { waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { serverCommand } from '../../src/embedded-server/embedded-server-place.ts';
import { enableEmbeddedServer } from '../../src/embedded-server/enable-embedded-server.ts';
import { startEmbeddedServer } from '../../src/embedded-server/start-embedded-server.ts';
import { createHome } from '../../src/home/home.ts';

const SERVER_PROGRAM = [
  process.execPath,
  fileURLToPath(new URL('../../../server/bin/puffo-server.mjs', import.meta.url)),
];
const PARENT = fileURLToPath(new URL('../kit/embedded-server-child.mjs', import.meta.url));
const CODE = /\b[2-9A-Z]{4}(-[2-9A-Z]{4}){3}\b/;
const UNBOUNDED = new AbortController().signal;

async function createPlace() {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-embedded-'));
  const home = createHome(join(folder, 'home'));
  const lines: string[] = [];
  const port = await enableEmbeddedServer(home);
  // Settings of another server, which are none of this one.
  const environment = {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    PUFFO_SERVER_SIGNUP: 'open',
    PUFFO_SERVER_HOST: '0.0.0.0',
  };
  return {
    home,
    port,
    lines,
    environment,
    start: () =>
      startEmbeddedServer({
        home,
        port,
        serverProgram: SERVER_PROGRAM,
        environment,
        logger: createLogger({
          level: 'info',
          now: systemClock,
          write: (line) => void lines.push(line),
          isTerminal: false,
        }),
        random: systemRandom,
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<boolean> {
  return (await readProcessArguments(pid)) === undefined;
}

describe('enabling the embedded server', () => {
  test('chooses a port once and keeps what the file says', async () => {
    await using place = await createPlace();
    const text = await readFile(place.home.daemonFile, 'utf8');
    expect(text).toContain(`embedded_server:\n  enabled: true\n  port: ${place.port}\n`);
    expect(text).toContain('default_provider: anthropic');
    expect(await enableEmbeddedServer(place.home)).toBe(place.port);
    expect(await readFile(place.home.daemonFile, 'utf8')).toBe(text);
  });
});

describe('the embedded server', () => {
  test('is a process of its own on this machine only, with its data in the home, and lets in by invitation', async () => {
    await using place = await createPlace();
    await using server = place.start();
    expect(await server.waitUntilReady(UNBOUNDED)).toBe(true);
    expect(server).toMatchObject({ url: `http://127.0.0.1:${place.port}`, problem: '' });
    expect(await answers(server.url)).toBe(true);
    const args = await readProcessArguments(server.pid ?? 0);
    expect(args).toEqual(expect.arrayContaining(['--host', '127.0.0.1', '--signup', 'invite']));
    expect((await stat(join(place.home.folder, 'server'))).mode & 0o077).toBe(0);
    const command = serverCommand(place.home, ['invite', 'list'], { ...place, serverProgram: SERVER_PROGRAM });
    const listed = await runProgram(command.program, command.args, {
      environment: command.environment,
      output: { kind: 'collect', maxBytes: 10_000 },
    });
    expect(listed.stdout).toMatch(CODE);
    expect(place.lines.join('\n')).not.toMatch(CODE);
  });

  test('is started again when it is killed', async () => {
    await using place = await createPlace();
    await using server = place.start();
    await server.waitUntilReady(UNBOUNDED);
    const before = server.pid ?? 0;
    process.kill(before, 'SIGKILL');
    await waitFor(() => isGone(before), 'the end of the first process');
    await waitFor(() => server.pid !== undefined && server.pid !== before && answers(server.url), 'the next process');
    expect(place.lines.join('\n')).toContain('"signal":"SIGKILL"');
  });

  test('ends when it is closed', async () => {
    await using place = await createPlace();
    const server = place.start();
    await server.waitUntilReady(UNBOUNDED);
    const pid = server.pid ?? 0;
    await server[Symbol.asyncDispose]();
    expect(await isGone(pid)).toBe(true);
    expect(await answers(server.url)).toBe(false);
    expect(server.pid).toBeUndefined();
  });

  test('ends with a daemon that is killed', async () => {
    await using place = await createPlace();
    const args = [PARENT, place.home.folder, String(place.port), ...SERVER_PROGRAM];
    const parent = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    parent.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const pid = Number(await waitFor(() => /server (\d+)/.exec(out)?.[1], 'the server of the other process'));
    expect(await isGone(pid)).toBe(false);
    parent.kill('SIGKILL');
    await waitFor(() => isGone(pid), 'the end of the server');
  });

  test('says what is wrong when its port is taken, and comes when it is free', async () => {
    await using place = await createPlace();
    const other = await occupy(place.port);
    await using server = place.start();
    await waitFor(() => server.problem.includes(String(place.port)), 'the problem');
    expect(await server.waitUntilReady(AbortSignal.abort())).toBe(false);
    await new Promise((resolve) => void other.close(resolve));
    expect(await server.waitUntilReady(UNBOUNDED)).toBe(true);
    expect(server.problem).toBe('');
  });

  test('says so when there is no such program', async () => {
    await using place = await createPlace();
    const options = { ...place, serverProgram: ['/no/such/program'], random: systemRandom };
    const logger = createLogger({ level: 'silent', now: systemClock, write: () => undefined, isTerminal: false });
    await using server = startEmbeddedServer({ ...options, logger });
    await waitFor(() => server.problem.includes('/no/such/program'), 'the problem');
    expect(server.pid).toBeUndefined();
  });
});

function occupy(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => void server.listen(port, '127.0.0.1', () => resolve(server)));
}
