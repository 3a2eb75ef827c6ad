// A real server on loopback with its data in a temporary folder: in this process, or in one of its own that can be killed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSettings, type RunningServer, type Settings, startServer } from '@puffo/server';
import { createServerProcess } from './server-process.ts';
import { TestbedError } from './testbed-error.ts';

export interface NetworkServer extends AsyncDisposable {
  /** The same after every start. */
  readonly url: string;
  readonly dataDir: string;
  readonly isRunning: boolean;
  /** On the same port and folder as before. */
  start(): Promise<void>;
  /** As an administrator would: what is under way is finished, sockets end with 1012. */
  stop(): Promise<void>;
  /** SIGKILL: nothing is finished, nothing is flushed. Only a server with a process of its own. */
  kill(): Promise<void>;
}

export interface NetworkServerOptions {
  /** Whether the built `puffo-server` runs in a process of its own. */
  readonly process?: boolean;
  /** In this process only. */
  readonly settings?: Partial<Settings>;
}

/** What is tested is not the limits. */
const NO_LIMIT = 1_000_000;

/** Starts it, too. */
export async function startNetworkServer(options: NetworkServerOptions = {}): Promise<NetworkServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'puffo-network-'));
  const server = options.process === true ? await createServerProcess(dataDir) : createInProcess(dataDir, options);
  try {
    await server.start();
  } catch (error) {
    await removeFolder(dataDir);
    throw error;
  }
  return {
    get url() {
      return server.url;
    },
    dataDir,
    get isRunning() {
      return server.isRunning;
    },
    start: server.start,
    stop: server.stop,
    kill: server.kill,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await removeFolder(dataDir);
    },
  };
}

/** What holds the server, but not its folder. */
export type StartableServer = Omit<NetworkServer, 'dataDir'>;

function createInProcess(dataDir: string, { settings }: NetworkServerOptions): StartableServer {
  let running: RunningServer | undefined;
  let url = '';

  async function stop(): Promise<void> {
    const stopping = running;
    running = undefined;
    await stopping?.[Symbol.asyncDispose]();
  }

  return {
    get url() {
      return url;
    },
    get isRunning() {
      return running !== undefined;
    },
    async start() {
      if (running !== undefined) throw new TestbedError('not-possible', 'Cannot start the server: it runs');
      const port = url === '' ? {} : { port: Number(new URL(url).port) };
      running = await startServer({ ...networkSettings(dataDir), ...settings, ...port });
      ({ url } = running);
    },
    stop,
    kill() {
      const problem = 'Cannot kill the server: it runs in this process, start it with the option `process`';
      return Promise.reject(new TestbedError('not-possible', problem));
    },
    [Symbol.asyncDispose]: stop,
  };
}

function networkSettings(dataDir: string): Settings {
  return {
    ...defaultSettings(dataDir),
    port: 0,
    signup: 'open',
    limits: { perIdentity: NO_LIMIT, perAddress: NO_LIMIT, newPeersPerHour: NO_LIMIT },
    logLevel: 'silent',
  };
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
