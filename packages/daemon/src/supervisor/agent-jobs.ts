// What takes time and is done to one agent: stopping, moving, deleting. One thing per agent at a time, beside the loop.
// spec: daemon-and-cli 1.12, 1.19, 2.5, 3.12, D-9, D-18, D-39
import type { DataService } from '../data-service/start-data-service.ts';
import { archiveFolder, deleteFolder, exists } from '../home/archive-folder.ts';
import { type AgentFlag, dropFlag, removeFlag } from '../home/flags.ts';
import type { AgentPaths } from '../home/home.ts';
import type { WorkerHost } from '../worker/worker-host.ts';
import type { AgentLife } from './agent-life.ts';
import type { OnceLog } from './once-log.ts';
import type { StopReason } from './plan-tick.ts';

/** A running turn may end. */
const RESTART_GRACE_MS = 30_000;
const GRACE_MS = 10_000;

export interface AgentJobs {
  readonly busy: ReadonlyMap<string, unknown>;
  stop(id: string, reason: StopReason): void;
  obeyFlag(id: string, flag: AgentFlag): void;
  /** Of those that are under way now. */
  ended(): Promise<unknown>;
}

export interface AgentJobsOptions {
  readonly host: WorkerHost;
  readonly lives: Map<string, AgentLife>;
  readonly dataService?: Pick<DataService, 'forget'> | undefined;
  readonly said: OnceLog;
  /** A job succeeded: the agent may have to be started again, or its file says something else by now. */
  readonly onDone: () => void;
  /** What failed is tried again by a later tick, not at once. */
  readonly onFailed: () => void;
}

export function createAgentJobs({ host, lives, dataService, said, onDone, onFailed }: AgentJobsOptions): AgentJobs {
  const { home, clock } = host;
  const jobs = new Map<string, Promise<void>>();

  function start(id: string, work: () => Promise<void>): void {
    jobs.set(id, run(id, work));
  }

  /** Never rejects. */
  async function run(id: string, work: () => Promise<void>): Promise<void> {
    let isDone = false;
    try {
      await work();
      isDone = true;
    } catch (error) {
      const text = error instanceof Error ? error.message : 'unknown';
      if (said.isNew(id, text)) host.loggerOf(id).error('agent-change-failed', { error: text });
    }
    jobs.delete(id);
    if (isDone) onDone();
    else onFailed();
  }

  async function stopForReason(id: string, reason: StopReason): Promise<void> {
    host.loggerOf(id).info('worker-stop', { reason });
    await stopLife(id, graceOf(reason));
    if (reason !== 'removed') return;
    said.forget(id);
    await dataService?.forget(id);
  }

  async function restart(id: string): Promise<void> {
    // First: one that cannot be removed would keep the agent down for good.
    await removeFlag(home.agent(id), 'restart');
    host.loggerOf(id).info('flag-detected', { flag: 'restart' });
    await stopLife(id, RESTART_GRACE_MS);
  }

  async function archive(id: string): Promise<void> {
    await stopLife(id, GRACE_MS);
    await dataService?.forget(id);
    host.loggerOf(id).info('agent-archived', { folder: await move(home.agent(id)) });
    said.forget(id);
  }

  async function move(agent: AgentPaths): Promise<string> {
    try {
      return await archiveFolder(agent, { home, origin: 'flag', now: clock() });
    } catch (error) {
      // Archiving takes the flags away first; a later tick has to find this one.
      if (await exists(agent.folder)) await dropFlag(agent, 'archive');
      throw error;
    }
  }

  async function remove(id: string): Promise<void> {
    await stopLife(id, 0);
    await dataService?.forget(id);
    await deleteFolder(home.agent(id), { home, now: clock() });
    host.loggerOf(id).info('agent-deleted');
    said.forget(id);
  }

  async function stopLife(id: string, graceMs: number): Promise<void> {
    await lives.get(id)?.stop({ graceMs });
    lives.delete(id);
  }

  const works: Readonly<Record<AgentFlag, (id: string) => Promise<void>>> = { archive, delete: remove, restart };
  return {
    busy: jobs,
    stop: (id, reason) => start(id, () => stopForReason(id, reason)),
    obeyFlag(id, flag) {
      if (flag !== 'restart' && said.isNew(id, `${flag}.flag`)) host.loggerOf(id).info('flag-detected', { flag });
      start(id, () => works[flag](id));
    },
    ended: () => Promise.all(jobs.values()),
  };
}

function graceOf(reason: StopReason): number {
  switch (reason) {
    case 'changed':
      return RESTART_GRACE_MS;
    case 'paused':
      return GRACE_MS;
    case 'removed':
      // There is nothing left to answer from.
      return 0;
  }
}
