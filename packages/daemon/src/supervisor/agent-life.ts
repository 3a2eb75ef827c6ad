// One agent that is to live: its worker, its record, and when it is tried again after a failure.
// spec: daemon-and-cli 2.8, 3.12, 3.13, D-8
import { type AgentConfig, isConfigured } from '@puffo/agent/config';
import type { Logger } from '@puffo/base';
import type { ApprovalChanging, ApprovalOutcome } from '../operations/approvals.ts';
import type { AgentPaths } from '../home/home.ts';
import type { CreateRuntimeKeeper, RuntimeFacts, RuntimeKeeper } from '../worker/runtime-keeper.ts';
import type { WorkerHost } from '../worker/worker-host.ts';
import type { StartWorker, Worker, WorkerFailure } from '../worker/worker.ts';
import type { LiveFacts } from './plan-tick.ts';
import { createRetrySchedule } from './retry-schedule.ts';
import { closeWorker, stopWorker } from './stop-worker.ts';
import type { WarmUpGate } from './warm-up-gate.ts';

const UNKNOWN_FAILURE: WorkerFailure = { message: 'Agent ended by itself: see its log', mayPass: true };

export interface AgentLife extends LiveFacts {
  readonly facts: RuntimeFacts;
  /** A failed one starts anew. */
  retry(config: AgentConfig): void;
  apply(config: AgentConfig): void;
  /** `daemon.yml` says something else now. */
  retrySoon(): void;
  /** As of `Worker`. */
  changeApproval(changing: ApprovalChanging): Promise<ApprovalOutcome | undefined>;
  /** Resolves when nothing of it is left. Called again with less time it hurries. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

export interface LifeOptions {
  readonly agent: AgentPaths;
  readonly config: AgentConfig;
  readonly host: WorkerHost;
  readonly startWorker: StartWorker;
  readonly createKeeper: CreateRuntimeKeeper;
  readonly gate: WarmUpGate;
  readonly onChange: () => void;
}

export function startAgentLife(options: LifeOptions): AgentLife {
  const { agent, host, startWorker } = options;
  const logger = host.loggerOf(agent.id);
  /** Failures that the log has, since it was online. */
  const said = new Set<string>();
  const keeper = openKeeper(options, said);
  const pass = options.gate.passFor(agent.id);
  const schedule = createRetrySchedule(host.clock);
  let { config } = options;
  let worker: Worker | undefined;
  /** Of a worker that failed. */
  let closing: Promise<void> | undefined;
  let hurry: ((graceMs: number) => void) | undefined;
  let stopping: Promise<void> | undefined;

  function begin(): void {
    schedule.begin();
    logger.info('worker-start');
    try {
      const started = startWorker({ agent, config, host, keeper, warmUp: pass.run });
      worker = started;
      void started.ended.then(() => end(started));
    } catch (error) {
      fail(error instanceof Error ? { message: error.message, mayPass: true } : UNKNOWN_FAILURE);
    }
  }

  function end(ended: Worker): void {
    if (stopping !== undefined || worker !== ended) return;
    worker = undefined;
    closing = closeWorker(ended, logger).then(() => {
      closing = undefined;
    });
    fail(ended.failure ?? UNKNOWN_FAILURE);
  }

  function fail(failure: WorkerFailure): void {
    const retryAt = schedule.fail(failure);
    noteFailure(failure, { keeper, now: host.clock(), retryAt });
    if (!said.has(failure.message)) logFailure(failure, { logger, config });
    said.add(failure.message);
  }

  async function stopAll(graceMs: number): Promise<void> {
    pass.cancel();
    if (worker !== undefined)
      await stopWorker(worker, { graceMs, logger, onHurry: (shorten) => void (hurry = shorten) });
    await closing;
    await keeper[Symbol.asyncDispose]();
    logger.info('worker-stopped');
  }

  begin();
  return {
    get facts() {
      return keeper.facts;
    },
    get config() {
      return config;
    },
    get condition() {
      const { condition } = schedule;
      return condition === 'retry-due' && closing !== undefined ? 'failed' : condition;
    },
    retry(next) {
      if (stopping !== undefined || schedule.condition === 'works' || closing !== undefined) return;
      config = next;
      noteRetry(keeper, host.clock());
      begin();
    },
    apply(next) {
      config = next;
      worker?.applyConfig(next);
    },
    retrySoon() {
      if (schedule.condition === 'works') worker?.retryDeferred();
      else schedule.hasten();
    },
    changeApproval: async (changing) => worker?.changeApproval(changing),
    stop({ graceMs }) {
      if (stopping === undefined) stopping = stopAll(graceMs);
      else hurry?.(graceMs);
      return stopping;
    },
  };
}

/** Tells who waits for the agent to come to rest. What goes wrong after it was online is news again. */
function openKeeper({ agent, host, createKeeper, onChange }: LifeOptions, said: Set<string>): RuntimeKeeper {
  const keeper = createKeeper({
    agent,
    clock: host.clock,
    heartbeatMs: () => host.daemonConfig().runtimeHeartbeatSeconds * 1000,
    logger: host.loggerOf(agent.id),
  });
  return {
    get facts() {
      return keeper.facts;
    },
    note(change) {
      keeper.note(change);
      if (change.phase === 'online') said.clear();
      if (change.phase !== undefined || change.status !== undefined) onChange();
    },
    [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose](),
  };
}

function noteRetry(keeper: RuntimeKeeper, now: number): void {
  const startedAt = toSeconds(now);
  keeper.note({ status: 'running', phase: 'starting', error: '', startedAt, msgCount: 0, nextRetryAt: undefined });
}

interface FailureTimes {
  readonly keeper: RuntimeKeeper;
  readonly now: number;
  readonly retryAt: number | undefined;
}

function noteFailure({ message }: WorkerFailure, { keeper, now, retryAt }: FailureTimes): void {
  keeper.note({
    status: 'error',
    error: message,
    phase: retryAt === undefined ? 'offline' : 'backoff',
    connectedAt: undefined,
    lastErrorAt: toSeconds(now),
    nextRetryAt: retryAt === undefined ? undefined : toSeconds(retryAt),
  });
}

interface FailureContext {
  readonly logger: Logger;
  readonly config: AgentConfig;
}

function logFailure({ message, mayPass }: WorkerFailure, { logger, config }: FailureContext): void {
  // An agent that nobody has configured yet is nothing to shout about.
  const level = isConfigured(config.puffoCore) ? 'warn' : 'info';
  logger[level]('worker-failed', { error: message, willRetry: mayPass });
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
