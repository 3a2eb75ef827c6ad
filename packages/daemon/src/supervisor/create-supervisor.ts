// The loop that looks at the home and does what follows. Starting, stopping and moving go on beside it, so that no agent holds
// up another. spec: daemon-and-cli 2.4 to 2.8, D-8, D-9, D-20
import type { Logger } from '@puffo/base';
import type { DaemonConfig } from '@puffo/agent/config';
import type { DataService } from '../data-service/start-data-service.ts';
import type { CreateRuntimeKeeper } from '../worker/runtime-keeper.ts';
import type { WorkerHost } from '../worker/worker-host.ts';
import type { StartWorker } from '../worker/worker.ts';
import { type AgentJobs, createAgentJobs } from './agent-jobs.ts';
import { type AgentLife, type LifeOptions, startAgentLife } from './agent-life.ts';
import { createChangeSignal } from './change-signal.ts';
import { type DaemonChange, inheritsChange } from './inherits-change.ts';
import { createOnceLog, type OnceLog } from './once-log.ts';
import { type AgentFacts, planTick, type TickAction } from './plan-tick.ts';
import { createHomeScan } from './scan-home.ts';
import { waitForRest } from './wait-for-rest.ts';
import type { LiveAgent, Supervisor } from './supervisor.ts';
import { createTickLoop } from './tick-loop.ts';
import { createWarmUpGate } from './warm-up-gate.ts';
import type { DaemonFileWatch } from './watch-daemon-file.ts';
import { within } from './within.ts';

const MAX_WARM_UP_MS = 120_000;
const SHUTDOWN_GRACE_MS = 10_000;
/** Moving a folder is tried for some seconds. */
const MAX_JOB_MS = 20_000;

export interface SupervisorOptions {
  readonly host: WorkerHost;
  readonly startWorker: StartWorker;
  readonly createKeeper: CreateRuntimeKeeper;
  readonly daemonFile: DaemonFileWatch;
  /** Absent when it is disabled. */
  readonly dataService?: Pick<DataService, 'forget'> | undefined;
  readonly logger: Logger;
}

/** Starts at once. Disposing stops all workers. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { host, daemonFile, dataService, logger } = options;
  const lives = new Map<string, AgentLife>();
  const said = createOnceLog();
  const gate = createWarmUpGate({ maxMs: MAX_WARM_UP_MS });
  const scan = createHomeScan(host);
  const changes = createChangeSignal();
  const stopping = new AbortController();
  const { signal } = stopping;
  let agents: readonly AgentFacts[] = [];
  let closing: Promise<void> | undefined;
  const jobs = createAgentJobs({
    host,
    lives,
    dataService,
    said,
    onDone() {
      loop.wake();
      changes.tell();
    },
    onFailed: changes.tell,
  });
  const parts: Parts = { ...options, lives, jobs, said, gate, onChange: changes.tell };
  const loop = createTickLoop({
    tick,
    pauseMs: () => daemonFile.config.reconcileIntervalSeconds * 1000,
    onError: (text) => said.isNew('', text) && logger.error('tick-failed', { error: text }),
    signal,
  });

  async function tick(): Promise<void> {
    const before = await daemonFile.refresh();
    if (before !== undefined) followDaemonFile(before, parts);
    agents = await scan.scan();
    // Whoever asked to stop meanwhile sees nobody start.
    if (signal.aborted) return;
    for (const action of planTick({ agents, live: lives, busy: jobs.busy })) perform(action, parts);
  }

  async function stopAll(): Promise<void> {
    stopping.abort();
    gate.close();
    changes.tell();
    const stops = [...lives.values()].map((life) => life.stop({ graceMs: SHUTDOWN_GRACE_MS }));
    await Promise.all([...stops, within(jobs.ended(), { maxMs: MAX_JOB_MS }), loop.ended]);
  }

  function find(id: string): LiveAgent {
    return { id, facts: lives.get(id)?.facts };
  }

  return {
    async reconcile() {
      await loop.run();
      if (jobs.busy.size === 0) return;
      await jobs.ended();
      // What was busy may have more to do.
      await loop.run();
      await jobs.ended();
    },
    list: () => [...new Set([...agents.map(({ id }) => id), ...lives.keys()])].toSorted().map(find),
    changeApproval: async (changing) => lives.get(changing.id)?.changeApproval(changing),
    settle: (id, { timeoutMs }) =>
      waitForRest(id, timeoutMs, {
        signal,
        tick: loop.run,
        nextChange: changes.next,
        isBusy: (each) => jobs.busy.has(each),
        find,
      }),
    [Symbol.asyncDispose]() {
      closing ??= stopAll();
      return closing;
    },
  };
}

interface Parts extends SupervisorOptions, Pick<LifeOptions, 'gate' | 'onChange'> {
  readonly said: OnceLog;
  readonly lives: Map<string, AgentLife>;
  readonly jobs: AgentJobs;
}

function perform(action: TickAction, parts: Parts): void {
  const { host, lives, jobs, said } = parts;
  const { id, kind } = action;
  switch (kind) {
    case 'warn':
      if (said.isNew(id, action.text)) host.loggerOf(id).warn('agent-file-problem', { problem: action.text });
      break;
    case 'start':
      lives.set(id, startAgentLife({ ...parts, agent: host.home.agent(id), config: action.config }));
      break;
    case 'retry':
    case 'apply':
      lives.get(id)?.[kind](action.config);
      break;
    case 'stop':
      jobs.stop(id, action.reason);
      break;
    case 'archive':
    case 'delete':
    case 'restart':
      jobs.obeyFlag(id, kind);
      break;
  }
}

/** spec: daemon-and-cli D-20 */
function followDaemonFile(before: DaemonConfig, { host, daemonFile, logger, lives, jobs }: Parts): void {
  const change = { before, after: daemonFile.config, environment: host.environment };
  logger.info('daemon-file-changed');
  if (isOtherService(change)) logger.warn('restart-needed', { reason: 'bridge and data_service are read at start' });
  for (const [id, life] of lives) {
    if (jobs.busy.has(id)) continue;
    const isInherited = life.condition === 'works' && inheritsChange(life.config.runtime, change);
    if (isInherited) jobs.stop(id, 'changed');
    else life.retrySoon();
  }
}

/** What only a new start of the daemon follows. */
function isOtherService({ before, after }: Pick<DaemonChange, 'before' | 'after'>): boolean {
  return JSON.stringify([before.bridge, before.dataService]) !== JSON.stringify([after.bridge, after.dataService]);
}
