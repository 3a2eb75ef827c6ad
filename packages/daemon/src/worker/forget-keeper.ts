// Once a day, what is older than the operator wants to keep is forgotten: the history, the texts of the inbox, files.
// spec: daemon-and-cli D-24
import { type Clock, type Logger, nextTask, type Random, sleep as sleepInTime } from '@puffo/base';
import type { AgentStore } from '../store/agent-store.ts';
import type { HistoryStore } from '../store/history-store.ts';
import { forgetOldAttachments } from './forget-old-attachments.ts';
import { spreadDelay } from './spread-delay.ts';
import { createWakeablePause, type Sleep } from './wakeable-pause.ts';

export interface ForgetKeeperOptions {
  /** `message_retention_days`, as it is now; 0: nothing is forgotten. */
  readonly retentionDays: () => number;
  readonly history: Pick<HistoryStore, 'removeOld'>;
  readonly store: Pick<AgentStore, 'forgetOld'>;
  readonly workspaceDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly sleep?: Sleep | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Not while everything starts, and not all agents at once. */
const FIRST_MS = 5 * 60_000;
const SPREAD_MS = 60 * 60_000;
/** Of one day, each of up to 1000 messages. */
const MAX_SLICES = 1000;

/** Disposing waits for the slice that runs. */
export function startForgetKeeper(options: ForgetKeeperOptions): AsyncDisposable {
  const { random, sleep = sleepInTime } = options;
  const pause = createWakeablePause(sleep);

  async function keep(): Promise<void> {
    await pause.wait(spreadDelay({ fromMs: FIRST_MS, toMs: FIRST_MS + SPREAD_MS }, random));
    while (!pause.isEnded) {
      await forget(options, () => pause.isEnded);
      await pause.wait(DAY_MS);
    }
  }

  const keeping = keep();
  return {
    async [Symbol.asyncDispose]() {
      pause.end();
      await keeping;
    },
  };
}

async function forget(options: ForgetKeeperOptions, isEnded: () => boolean): Promise<void> {
  const { retentionDays, history, store, workspaceDir, clock, logger } = options;
  const days = retentionDays();
  if (days <= 0) return;
  const before = clock() - days * DAY_MS;
  const tasks = {
    history: () => history.removeOld(before),
    inbox: () => store.forgetOld(before),
    attachments: () => forgetOldAttachments(workspaceDir, { changedBefore: before }),
  };
  for (const [what, forgetSlice] of Object.entries(tasks)) {
    try {
      const count = await forgetInSlices(forgetSlice, isEnded);
      if (count > 0) logger.info('old-messages-forgotten', { what, count, days });
    } catch (error) {
      // Tomorrow is another day; the other two do not depend on it.
      logger.warn('forgetting-failed', { what, reason: error instanceof Error ? error.message : 'unknown' });
    }
  }
}

async function forgetInSlices(forgetSlice: () => Promise<number>, isEnded: () => boolean): Promise<number> {
  let total = 0;
  for (let slice = 0; slice < MAX_SLICES && !isEnded(); slice++) {
    const count = await forgetSlice();
    if (count === 0) break;
    total += count;
    await nextTask();
  }
  return total;
}
