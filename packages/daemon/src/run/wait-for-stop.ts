// Until somebody asks the daemon to end: a signal, or the sentinel in its home. spec: daemon-and-cli 2.10, 2.11, D-9, D-10
import { existsSync } from 'node:fs';
import { sleep } from '@puffo/base';
import { readStopRequest, removeStopRequest, type StopRequest } from '../home/flags.ts';
import type { Home } from '../home/home.ts';

const POLL_MS = 250;

export interface DaemonRun {
  readonly home: Home;
  readonly pid: number;
  /** ms */
  readonly startedAt: number;
}

/** What was meant for whoever had this home before. What was meant for us in the meantime stays. */
export async function clearFormerRequest(run: DaemonRun): Promise<void> {
  const request = await findRequest(run.home);
  const isOurs = request?.pid === run.pid && (request.createdAt ?? 0) >= Math.floor(run.startedAt / 1000);
  if (!isOurs) await removeStopRequest(run.home);
}

/** At the end. A request to somebody who comes after us stays. */
export async function clearOwnRequest(run: DaemonRun): Promise<void> {
  const request = await findRequest(run.home);
  if (request === undefined || isMeantFor(request, run)) await removeStopRequest(run.home);
}

export async function waitForStop(run: DaemonRun, signal: AbortSignal): Promise<'signal' | 'sentinel'> {
  while (!signal.aborted) {
    // Asked four times a second: a look that costs microseconds, and reading only when there is something.
    if (existsSync(run.home.stopFile)) {
      const request = await findRequest(run.home);
      if (request !== undefined && isMeantFor(request, run)) return 'sentinel';
    }
    await sleep(POLL_MS, signal).catch(() => undefined);
  }
  return 'signal';
}

function isMeantFor({ pid, createdAt }: StopRequest, run: DaemonRun): boolean {
  if (pid !== undefined && pid !== run.pid) return false;
  return createdAt === undefined || createdAt >= Math.floor(run.startedAt / 1000);
}

/** What cannot be read is looked at again later. */
async function findRequest(home: Home): Promise<StopRequest | undefined> {
  try {
    return await readStopRequest(home);
  } catch {
    return undefined;
  }
}
