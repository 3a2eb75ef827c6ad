// What runs beside the agents, and what they share. A service that cannot start is a warning: agents come first.
// spec: daemon-and-cli 2.1, D-25
import { type Closer, type Logger, systemRandom } from '@puffo/base';
import { createNodePlatform } from '@puffo/client/node';
import { createWrapPool } from '@puffo/protocol';
import { createIdleFiles } from '@puffo/sql';
import { startControlServer } from '../control/start-control-server.ts';
import { type DataService, startDataService } from '../data-service/start-data-service.ts';
import { enableEmbeddedServer } from '../embedded-server/enable-embedded-server.ts';
import { startEmbeddedServer } from '../embedded-server/start-embedded-server.ts';
import { createCredentialKeeper } from '../credentials/create-credential-keeper.ts';
import { createLoginHelper } from '../credentials/refresh-login.ts';
import type { DaemonLogs } from '../logs/create-daemon-logs.ts';
import type { OperationContext } from '../operations/context.ts';
import type { DaemonFileWatch } from '../supervisor/watch-daemon-file.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { startToolEndpoint, type ToolEndpointServer } from '../tools/endpoint/start-tool-endpoint.ts';
import { within } from '../supervisor/within.ts';
import type { OpenEngine, WorkerHost } from '../worker/worker-host.ts';

const MAX_CLOSE_MS = 5000;
const SERVER_READY_MS = 20_000;
const LOOPBACK = '127.0.0.1';
/** Of a few agents that work at the same time, three of each. */
const MAX_IDLE_FILES = 24;

export interface ServiceOptions {
  readonly context: OperationContext;
  readonly daemonFile: DaemonFileWatch;
  readonly logs: DaemonLogs;
  readonly closer: Closer;
}

/** `undefined`: it is disabled, or cannot start. */
export async function openDataService(options: ServiceOptions): Promise<DataService | undefined> {
  const { context, daemonFile, logs, closer } = options;
  const { logger } = logs;
  const { enabled, bindHost, port } = daemonFile.config.dataService;
  if (!enabled) {
    logger.info('data-service-disabled');
    return undefined;
  }
  try {
    const service = await startDataService({ home: context.home, bindHost, port, random: systemRandom, logger });
    closer.defer(() => closeInTime(service, { name: 'data service', logger }));
    logger.info('data-service-started', { url: service.url });
    return service;
  } catch (error) {
    logger.warn('data-service-unavailable', { error: reasonOf(error) });
    return undefined;
  }
}

export interface EmbeddedOptions extends ServiceOptions {
  /** Absent: this daemon cannot keep one. */
  readonly serverProgram: readonly string[] | undefined;
}

/** Resolves when the server listens, or when the agents should not wait any longer: they connect as soon as it does. */
export async function openEmbeddedServer(options: EmbeddedOptions): Promise<void> {
  const { context, daemonFile, logs, closer, serverProgram } = options;
  const { logger } = logs;
  if (!daemonFile.config.embeddedServer.enabled) return;
  if (serverProgram === undefined) {
    logger.warn('embedded-server-unavailable', { reason: 'this program has no server to start' });
    return;
  }
  try {
    const { home, environment } = context;
    const port = await enableEmbeddedServer(home);
    const server = startEmbeddedServer({ home, port, serverProgram, environment, logger, random: systemRandom });
    closer.defer(() => closeInTime(server, { name: 'embedded server', logger }));
    const isReady = await server.waitUntilReady(withTimeout(context.signal));
    if (!isReady) logger.warn('embedded-server-not-ready', { url: server.url, problem: server.problem });
  } catch (error) {
    logger.warn('embedded-server-unavailable', { reason: reasonOf(error) });
  }
}

function withTimeout(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(SERVER_READY_MS);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

export interface ControlOptions extends ServiceOptions {
  readonly supervisor: Supervisor;
  readonly pid: number;
}

/** Without it commands edit files, and the agents follow within an interval. */
export async function openControl({ context, supervisor, pid, logs, closer }: ControlOptions): Promise<void> {
  const { logger } = logs;
  try {
    const server = await startControlServer({ context, supervisor, pid, random: systemRandom, logger });
    closer.defer(() => closeInTime(server, { name: 'control', logger }));
  } catch (error) {
    logger.warn('control-unavailable', { error: reasonOf(error) });
  }
}

export async function openHost(options: ServiceOptions, openEngine: OpenEngine): Promise<WorkerHost> {
  const { context, daemonFile, logs, closer } = options;
  const { home, environment, homeFolder, platform, now } = context;
  const network = createNodePlatform({ environment });
  closer.defer(() => closeInTime(network, { name: 'network', logger: logs.logger }));
  const wrapPool = createWrapPool();
  closer.defer(() => closeInTime(wrapPool, { name: 'threads', logger: logs.logger }));
  const runHelper = createLoginHelper({ environment, homeFolder });
  const credentials = createCredentialKeeper({ homeFolder, runHelper, clock: now, logger: logs.logger });
  closer.defer(() => closeInTime(credentials, { name: 'credentials', logger: logs.logger }));
  const toolEndpoint = await openToolEndpoint(options);
  return {
    home,
    environment,
    homeFolder,
    platform,
    clock: now,
    random: systemRandom,
    network,
    wrapPool,
    idleFiles: createIdleFiles({ max: MAX_IDLE_FILES }),
    daemonConfig: () => daemonFile.config,
    openEngine,
    credentials,
    toolEndpoint,
    loggerOf: (id) => logs.loggerOf(id),
  };
}

async function openToolEndpoint({ logs, closer }: ServiceOptions): Promise<ToolEndpointServer | undefined> {
  const { logger } = logs;
  try {
    const endpoint = await startToolEndpoint({ bindHost: LOOPBACK, random: systemRandom, logger });
    closer.defer(() => closeInTime(endpoint, { name: 'tool endpoint', logger }));
    return endpoint;
  } catch (error) {
    logger.warn('tool-endpoint-unavailable', { error: reasonOf(error) });
    return undefined;
  }
}

interface Closing {
  readonly name: string;
  readonly logger: Logger;
}

/** Whoever hangs does not keep the daemon. */
async function closeInTime(resource: AsyncDisposable, { name, logger }: Closing): Promise<void> {
  const isClosed = await within(resource[Symbol.asyncDispose](), { maxMs: MAX_CLOSE_MS });
  if (!isClosed) logger.warn('close-failed', { part: name });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
