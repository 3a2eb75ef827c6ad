// spec: daemon-and-cli 4.14, D-18
import { sleep } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import { archiveFolder, exists } from '../home/archive-folder.ts';
import type { AgentPaths } from '../home/home.ts';
import { readRuntimeRecord } from '../home/runtime-record.ts';
import { isDaemonAlive, type OperationContext, requireFolder } from './context.ts';
import { loadDraft } from './load-draft.ts';
import { writeState } from './set-state.ts';

const WAIT_MS = 10_000;
const POLL_MS = 250;
const RELEASED: readonly string[] = ['stopped', 'paused'];

export interface Archiving {
  readonly id: string;
  /** The agent was set to paused; a daemon is given time to let go of it. */
  readonly onPaused?: () => void;
  /** Resolves when nobody uses it any more. Absent: its record is watched until it says so. */
  readonly release?: () => Promise<void>;
}

/** Where it is then. */
export async function archiveAgent(context: OperationContext, { id, onPaused, release }: Archiving): Promise<string> {
  const { home, now, signal, warn } = context;
  const agent = await requireFolder(context, id);
  const isAlive = await isDaemonAlive(context);
  const isPaused = await pause(context, agent);
  if (isPaused) onPaused?.();
  if (release !== undefined) await release();
  else if (isPaused && isAlive && !(await waitForRelease(agent, signal))) {
    warn(`agent '${id}' is still in use after ${WAIT_MS / 1000} s; it is moved all the same`);
  }
  return archiveFolder(agent, { home, origin: 'operator', now: now(), signal });
}

/** Whether it was not paused before. A file that is no YAML stays as it is: its folder is moved all the same. */
async function pause(context: OperationContext, agent: AgentPaths): Promise<boolean> {
  if (!(await exists(agent.agentFile))) return false;
  try {
    await loadDraft(context, agent);
    return await writeState(agent, 'paused');
  } catch (error) {
    if (!(error instanceof DaemonError && error.code === 'invalid-file')) throw error;
    context.warn(error.message);
    return false;
  }
}

async function waitForRelease(agent: AgentPaths, signal: AbortSignal | undefined): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const record = await readRuntimeRecord(agent);
    if (record === undefined || RELEASED.includes(record.status)) return true;
    if (waitedMs >= WAIT_MS) return false;
    await sleep(POLL_MS, signal);
  }
}
