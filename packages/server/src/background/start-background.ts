import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerContext } from '../context.ts';
import { runTasks } from './run-tasks.ts';

const ROUND_MS = 60_000;

/** Starts what runs beside the requests; closing it waits for the slice of work that is under way. */
export function startBackground(context: ServerContext): AsyncDisposable {
  const stop = new AbortController();
  const stopped = repeat(context, stop.signal);
  return {
    [Symbol.asyncDispose]() {
      stop.abort();
      return stopped;
    },
  };
}

async function repeat(context: ServerContext, signal: AbortSignal): Promise<void> {
  while (await hasSlept(signal)) await runTasks(context, signal);
}

/** `false`: woken up to stop. */
async function hasSlept(signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ROUND_MS, undefined, { signal, ref: false });
    return true;
  } catch {
    // The only failure of a sleep is that it was aborted.
    return false;
  }
}
