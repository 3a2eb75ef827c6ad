// The real program in a process of its own, as an operator starts it, so that it can be killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/bin/puffo-server.js', import.meta.url));
const START_DEADLINE_MS = 30_000;
const POLL_MS = 20;
/** What is tested here is not the limits. */
const NO_LIMITS = ['--requests-per-identity', '--requests-per-address', '--new-peers-per-hour'].flatMap((flag) => [
  flag,
  '1000000',
]);

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly dataDir: string;
  /** Real time. */
  readonly clock: { readonly now: number };
  start(): Promise<void>;
  /** SIGKILL: nothing is flushed, nothing is closed. */
  kill(): Promise<void>;
  readonly isRunning: boolean;
}

export interface ServerProcessOptions {
  /** Of Node itself, such as `--max-old-space-size=192`. */
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
}

export async function createServerProcess(options: ServerProcessOptions = {}): Promise<ServerProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'puffo-process-'));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let output = '';

  async function start(): Promise<void> {
    const args = [
      'start',
      '--port',
      String(port),
      '--data-dir',
      dataDir,
      '--signup',
      'open',
      ...NO_LIMITS,
      ...(options.args ?? []),
    ];
    const started = spawn(process.execPath, [...(options.nodeArgs ?? []), PROGRAM, ...args], {
      env: { PATH: '/usr/bin:/bin', HOME: dataDir, PUFFO_SERVER_LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4000);
    };
    started.stdout.on('data', keep);
    started.stderr.on('data', keep);
    child = started;
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await isHealthy(url))) {
      if (started.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start:\n${output}`);
      await sleep(POLL_MS);
    }
  }

  async function kill(): Promise<void> {
    const killed = child;
    child = undefined;
    if (killed === undefined || killed.exitCode !== null || killed.signalCode !== null) return;
    const exited = once(killed, 'exit');
    killed.kill('SIGKILL');
    await exited;
  }

  return {
    url,
    dataDir,
    clock: {
      get now() {
        return Date.now();
      },
    },
    start,
    kill,
    get isRunning() {
      return child !== undefined && child.exitCode === null && child.signalCode === null;
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    // Not listening yet.
    return false;
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
