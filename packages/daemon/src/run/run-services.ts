// A daemon that has its home: services, then agents, until somebody asks it to end; then everything in reverse.
// spec: daemon-and-cli 2.1, 2.9, 2.10, D-9, D-11
import { createCloser } from '@puffo/base';
import type { DaemonFile } from '../home/daemon-file.ts';
import type { DaemonLogs } from '../logs/create-daemon-logs.ts';
import { createSupervisor } from '../supervisor/create-supervisor.ts';
import { watchDaemonFile } from '../supervisor/watch-daemon-file.ts';
import { within } from '../supervisor/within.ts';
import { createRuntimeKeeper } from '../worker/create-runtime-keeper.ts';
import { openAgentEngine } from '../worker/open-agent-engine.ts';
import { startWorker } from '../worker/start-worker.ts';
import { clearFormerReady, publishReady, withdrawReady } from './daemon-ready.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { openControl, openDataService, openEmbeddedServer, openHost } from './open-services.ts';
import { tellOfUpdate } from './tell-of-update.ts';
import { type DaemonRun, waitForStop } from './wait-for-stop.ts';

const MAX_WITHDRAW_MS = 2000;

export interface Life {
  readonly options: DaemonOptions;
  readonly run: DaemonRun;
  readonly file: DaemonFile;
  readonly logs: DaemonLogs;
}

/** Resolves when somebody has asked the daemon to end, and everything is closed. */
export async function runServices({ options, run, file, logs }: Life): Promise<void> {
  const { version, channel, serverProgram, overrides = {} } = options;
  const { home } = run;
  const { logger } = logs;
  logger.info('daemon-start', { home: home.folder, pid: run.pid, version });
  options.onStrayFailure?.((reason) => {
    const { name, stack } = reason instanceof Error ? reason : new Error('not an error');
    logger.error('stray-failure', { error: name, stack });
  });
  await clearFormerReady(home);
  await using closer = createCloser();
  // From now on: opening services may take a while.
  const asked = new AbortController();
  const ending = new AbortController();
  closer.defer(() => ending.abort());
  const stop = waitForStop(run, anyOf(options.context.signal, ending.signal)).then((reason) => {
    logger.info('daemon-stop', { reason });
    asked.abort();
  });
  const context = { ...options.context, signal: asked.signal };
  if (channel !== undefined) void tellOfUpdate({ version, channel, logger });
  const daemonFile = watchDaemonFile({ home, initial: file, clock: context.now, logger });
  if (daemonFile.config.bridge.enabled) logger.info('bridge-unavailable', { reason: 'this version has none' });
  const parts = { context, daemonFile, logs, closer };
  // Closed after the agents, which have something to tell it at their end.
  await openEmbeddedServer({ ...parts, serverProgram });
  const dataService = await openDataService(parts);
  if (asked.signal.aborted) return;
  const host = await openHost(parts, overrides.openEngine ?? openAgentEngine);
  const supervisor = createSupervisor({
    host,
    startWorker: overrides.startWorker ?? startWorker,
    createKeeper: createRuntimeKeeper,
    daemonFile,
    dataService,
    logger,
  });
  closer.use(supervisor);
  await openControl({ ...parts, supervisor, pid: run.pid });
  closer.defer(() => within(withdrawReady(home, run.pid), { maxMs: MAX_WITHDRAW_MS }));
  await publishReady(home, { ...run, dataServiceUrl: dataService?.url });
  await stop;
}

function anyOf(first: AbortSignal | undefined, second: AbortSignal): AbortSignal {
  return first === undefined ? second : AbortSignal.any([first, second]);
}
