// The built `puffo-server` in a process of its own, as an administrator starts it, so that it can be killed.
// oxlint-disable-next-line no-restricted-imports -- what is killed here is the whole process, which no package below offers
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { sleep } from '@puffo/base';
import type { StartableServer } from './network-server.ts';
import { TestbedError } from './testbed-error.ts';
import { waitFor } from './wait-for.ts';

const PROGRAM = fileURLToPath(new URL('../../../server/bin/puffo-server.mjs', import.meta.url));
/** After it a server that was asked to stop is killed. */
const STOP_MS = 20_000;
const OUTPUT_CHARACTERS = 4000;
const NO_LIMITS = ['--requests-per-identity', '--requests-per-address', '--new-peers-per-hour'].flatMap((flag) => [
  flag,
  '1000000',
]);

export async function createServerProcess(dataDir: string): Promise<StartableServer> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['start', '--port', String(port), '--data-dir', dataDir, '--signup', 'open', ...NO_LIMITS];
  let child: ChildProcess | undefined;

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || !isAlive(ending)) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    const calm = new AbortController();
    // A server that does not listen is killed, and what the test wanted of it is not there.
    const killing = sleep(STOP_MS, calm.signal).then(
      () => ending.kill('SIGKILL'),
      () => undefined,
    );
    await exited;
    calm.abort();
    await killing;
  }

  return {
    url,
    get isRunning() {
      return child !== undefined && isAlive(child);
    },
    async start() {
      if (child !== undefined && isAlive(child))
        throw new TestbedError('not-possible', 'Cannot start the server: it runs');
      const started = spawn(process.execPath, [PROGRAM, ...args], {
        env: { PATH: '/usr/bin:/bin', HOME: dataDir, PUFFO_SERVER_LOG_LEVEL: 'warn' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      const output = keepOutput(started);
      await waitFor(async () => {
        if (!isAlive(started)) throw new TestbedError('server-failed', `Cannot start the server:\n${output()}`);
        return isHealthy(url);
      }, `the server to answer at ${url}`);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

function keepOutput({ stdout, stderr }: ChildProcess): () => string {
  let output = '';
  for (const stream of [stdout, stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS);
    });
  }
  return () => output;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`);
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address === 'object' && address !== null) return address.port;
  throw new TestbedError('server-failed', 'Cannot start a server: no port is free');
}
