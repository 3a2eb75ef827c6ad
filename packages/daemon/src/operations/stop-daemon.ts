// Asks the daemon to end and follows that very process. spec: daemon-and-cli 2.11, 4.4, D-10, D-11
import { sleep } from '@puffo/base';
import { readStopRequest, removeStopRequest, requestStop } from '../home/flags.ts';
import { findDaemon, isDaemon, readPid, releasePid } from '../pid/daemon-process.ts';
import type { OperationContext } from './context.ts';

const POLL_MS = 200;
const LEAST_TIMEOUT_SECONDS = 1;

export type StopResult =
  | { readonly kind: 'not-running' }
  /** The file named a process that is gone, and was removed. */
  | { readonly kind: 'stale'; readonly pidFile: string }
  /** `successor`: another daemon has been started meanwhile. */
  | { readonly kind: 'stopped'; readonly pid: number; readonly successor: number | undefined }
  | { readonly kind: 'timed-out'; readonly pid: number; readonly timeoutSeconds: number };

export interface StopOptions {
  readonly timeoutSeconds: number;
  readonly onRequested?: (request: { readonly pid: number; readonly timeoutSeconds: number }) => void;
}

export async function stopDaemon(context: OperationContext, options: StopOptions): Promise<StopResult> {
  const { home, readArguments, now, signal } = context;
  const daemon = await findDaemon(home, readArguments);
  if (daemon.kind === 'none') return { kind: 'not-running' };
  const { pid } = daemon;
  if (daemon.kind === 'stale') {
    await releasePid(home, pid);
    return { kind: 'stale', pidFile: home.pidFile };
  }
  const timeoutSeconds = Math.max(LEAST_TIMEOUT_SECONDS, options.timeoutSeconds);
  await requestStop(home, { pid, createdAt: Math.floor(now() / 1000) });
  options.onRequested?.({ pid, timeoutSeconds });
  for (let waitedMs = 0; waitedMs < timeoutSeconds * 1000; waitedMs += POLL_MS) {
    await sleep(POLL_MS, signal);
    if (!(await isDaemon(pid, readArguments))) return cleanUp(context, pid);
  }
  return { kind: 'timed-out', pid, timeoutSeconds };
}

/** What a process that was ended by force leaves; what is a successor's stays. */
async function cleanUp({ home, readArguments }: OperationContext, pid: number): Promise<StopResult> {
  const request = await readStopRequest(home);
  if (request?.pid === pid) await removeStopRequest(home);
  const named = await readPid(home);
  if (named === pid) await releasePid(home, pid);
  const isSuccessor = named !== undefined && named !== pid && (await isDaemon(named, readArguments));
  return { kind: 'stopped', pid, successor: isSuccessor ? named : undefined };
}
