// All tasks, one after the other, each slice by slice with a bound: a large backlog is worked off over several rounds.
import { nextTask } from '@puffo/base';
import type { ServerContext } from '../context.ts';
import type { BackgroundTask } from './bounded-task.ts';
import { closeAbandonedRuns } from './close-runs.ts';
import { deleteOldBlobs } from './delete-blobs.ts';
import { deleteOldMessages } from './delete-messages.ts';
import { forgetEnrolments, forgetNonces, forgetRateWindows, forgetRegistrations } from './forget-rows.ts';

const MAX_SLICES = 20;

export const TASKS: Readonly<Record<string, BackgroundTask>> = {
  forgetNonces,
  forgetRegistrations,
  forgetEnrolments,
  forgetRateWindows,
  closeAbandonedRuns,
  deleteOldMessages,
  deleteOldBlobs,
};

/** Never fails: what went wrong is logged, and the next round tries again. */
export async function runTasks(context: ServerContext, signal: AbortSignal): Promise<void> {
  for (const [name, task] of Object.entries(TASKS)) {
    try {
      await runTask(context, { task, signal });
    } catch (error) {
      const problem = error instanceof Error ? (error.stack ?? error.message) : 'unknown';
      context.log.error('background-task-failed', { task: name, problem });
    }
  }
}

async function runTask(
  context: ServerContext,
  { task, signal }: { readonly task: BackgroundTask; readonly signal: AbortSignal },
): Promise<void> {
  for (let slice = 0; slice < MAX_SLICES && !signal.aborted; slice++) {
    if ((await task(context)) === 0) return;
    // Lets requests in, since a local database answers without a pause.
    await nextTask();
  }
}
