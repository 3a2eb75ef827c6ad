// What one look at the home costs when nothing has changed: a real supervisor, with workers that do nothing.
import { readDaemonConfig } from '@puffo/agent/config';
import { createDeferred, silentLogger, sleep, systemClock, systemRandom } from '@puffo/base';
import type { RuntimeFacts } from '@puffo/daemon';
import { createHome, type Home } from '@puffo/daemon/home';
import { createSupervisor, type SupervisorOptions, watchDaemonFile } from '@puffo/daemon/run';
import { waitFor } from '@puffo/testbed';

const TICKS = 25;
/** What was written just now is read again for so long. */
const SETTLE_MS = 3000;

type Worker = ReturnType<SupervisorOptions['startWorker']>;

const IDLE_FACTS: RuntimeFacts = {
  status: 'running',
  phase: 'online',
  startedAt: 0,
  msgCount: 0,
  lastEventAt: 0,
  error: '',
  health: 'ok',
  connectedAt: 0,
  lastErrorAt: undefined,
  nextRetryAt: undefined,
  messagesWaiting: 0,
  messagesFailed: 0,
  tokensToday: { input: 0, output: 0 },
};

export interface TickRun {
  readonly cpuMs: readonly number[];
  readonly elapsedMs: readonly number[];
}

/** All agents of the home are to run. */
export async function measureTicks({ folder, agents }: { folder: string; agents: number }): Promise<TickRun> {
  let started = 0;
  function startWorker({ agent }: Parameters<SupervisorOptions['startWorker']>[0]): Worker {
    started++;
    return createIdleWorker(agent.id);
  }

  await using supervisor = createSupervisor({ ...optionsFor(createHome(folder)), startWorker });
  await waitFor(() => started === agents, 'the workers to start');
  await sleep(SETTLE_MS);
  for (let tick = 0; tick < 2; tick++) await supervisor.reconcile();
  const cpuMs: number[] = [];
  const elapsedMs: number[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await supervisor.reconcile();
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1000);
    elapsedMs.push(performance.now() - startedAt);
  }
  if (started !== agents) throw new Error(`${started - agents} workers were started again: something had changed`);
  return { cpuMs, elapsedMs };
}

function optionsFor(home: Home): Omit<SupervisorOptions, 'startWorker'> {
  const initial = { exists: false, config: readDaemonConfig(undefined).config, warnings: [] };
  const daemonFile = watchDaemonFile({ home, initial, clock: systemClock, logger: silentLogger });
  return {
    host: {
      home,
      environment: {},
      homeFolder: home.folder,
      platform: process.platform,
      clock: systemClock,
      random: systemRandom,
      network: notThere('network'),
      wrapPool: notThere('wrapPool'),
      daemonConfig: () => daemonFile.config,
      openEngine: () => Promise.reject(new Error('idle workers have no engine')),
      loggerOf: () => silentLogger,
    },
    createKeeper: () => ({
      facts: IDLE_FACTS,
      note: () => undefined,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
    daemonFile,
    logger: silentLogger,
  };
}

function createIdleWorker(agentId: string): Worker {
  const ended = createDeferred<void>();
  async function stop(): Promise<void> {
    ended.resolve();
    await ended.promise;
  }
  return {
    agentId,
    failure: undefined,
    warm: Promise.resolve(),
    ended: ended.promise,
    applyConfig: () => undefined,
    retryDeferred: () => undefined,
    changeApproval: () => Promise.resolve(undefined),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** No idle worker needs it. */
function notThere<Part extends object>(name: string): Part {
  return new Proxy({} as Part, {
    get() {
      throw new Error(`idle workers have no ${name}`);
    },
  });
}
