// A chat server that the daemon keeps: the real program in a process of its own, on this machine only, with its data in the
// home. It is started again when it ends, and ends with us.
import { backoffDelay, createDeferred, type Logger, type Random, sleep } from '@puffo/base';
import { makePrivateFolder, type RunningProgram, startProgram } from '@puffo/host';
import type { Home } from '../home/home.ts';
import {
  embeddedServerFolder,
  embeddedServerUrl,
  type ServerCommand,
  type ServerCommandOptions,
  startServerCommand,
} from './embedded-server-place.ts';

export interface EmbeddedServerOptions extends ServerCommandOptions {
  readonly home: Home;
  readonly port: number;
  readonly logger: Logger;
  readonly random: Random;
}

export interface EmbeddedServer extends AsyncDisposable {
  readonly url: string;
  /** `undefined`: it does not run now. */
  readonly pid: number | undefined;
  /** Why it does not run, in the words of the server; empty when all is well. */
  readonly problem: string;
  /** Whether it listens, at the latest when `signal` is aborted. */
  waitUntilReady(signal: AbortSignal): Promise<boolean>;
}

const RESTART = { firstMs: 500, minMs: 200, maxMs: 30_000 };
/** Its own deadline is shorter. */
const STOP_GRACE_MS = 10_000;
const LISTENS = / listens on http/;

export function startEmbeddedServer(options: EmbeddedServerOptions): EmbeddedServer {
  const { home, port, logger, random } = options;
  const command = startServerCommand(home, port, options);
  const stopping = new AbortController();
  const ready = createDeferred<void>();
  let pid: number | undefined;
  let problem = '';
  let attempt = 0;

  async function keepAlive(): Promise<void> {
    while (!stopping.signal.aborted) {
      const ending = await runOnce();
      if (stopping.signal.aborted) return;
      const delayMs = backoffDelay(RESTART, attempt++, random);
      logger.warn('embedded-server-ended', { ...ending, problem, delayMs });
      await sleep(delayMs, stopping.signal).catch(() => undefined);
    }
  }

  async function runOnce(): Promise<ServerEnding> {
    problem = 'it has not said yet that it listens';
    try {
      await makePrivateFolder(embeddedServerFolder(home));
      await using program = await start(command, onLine);
      const stop = createDeferred<void>();
      stopping.signal.addEventListener('abort', () => stop.resolve(), { once: true });
      if (stopping.signal.aborted) stop.resolve();
      pid = program.pid;
      return await Promise.race([program.ended, stop.promise.then(() => program.stop({ graceMs: STOP_GRACE_MS }))]);
    } catch (error) {
      problem = error instanceof Error ? error.message : 'it does not start';
      return { exitCode: undefined, signal: undefined };
    } finally {
      pid = undefined;
    }
  }

  function onLine(line: string, stream: 'stdout' | 'stderr'): void {
    if (stream === 'stderr') {
      problem = line;
      logger.warn('embedded-server-said', { line });
      return;
    }
    // Nothing else of it is kept: the first line of a new server is followed by an invite code.
    if (!LISTENS.test(line)) return;
    problem = '';
    attempt = 0;
    logger.info('embedded-server-listens', { url: embeddedServerUrl(port), pid });
    ready.resolve();
  }

  const keeping = keepAlive();
  // A defect: the daemon goes on without the server, and says so.
  keeping.catch((error: unknown) => logger.error('embedded-server-lost', { error: String(error) }));
  return {
    url: embeddedServerUrl(port),
    get pid() {
      return pid;
    },
    get problem() {
      return problem;
    },
    waitUntilReady: (signal) => endsBefore(ready.promise, signal),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.allSettled([keeping]);
    },
  };
}

type ServerEnding = Awaited<RunningProgram['ended']>;

function start(
  { program, args, environment }: ServerCommand,
  onLine: (line: string, stream: 'stdout' | 'stderr') => void,
): Promise<RunningProgram> {
  return startProgram(program, args, { environment, onLine });
}

function endsBefore(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
    void work.then(() => resolve(true));
  });
}
