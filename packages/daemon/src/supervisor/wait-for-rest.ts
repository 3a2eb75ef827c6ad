// Waits until an agent is what it is going to be for a while.
import { createDeferred } from '@puffo/base';
import type { RuntimeFacts } from '../worker/runtime-keeper.ts';
import type { LiveAgent } from './supervisor.ts';

export interface SettleContext {
  readonly signal: AbortSignal;
  readonly tick: () => Promise<void>;
  /** Resolves when anything has changed after the call. */
  readonly nextChange: () => Promise<void>;
  readonly isBusy: (id: string) => boolean;
  readonly find: (id: string) => LiveAgent;
}

export async function waitForRest(id: string, timeoutMs: number, context: SettleContext): Promise<LiveAgent> {
  const { signal, tick, nextChange, isBusy, find } = context;
  const timedOut = createDeferred<'timed-out'>();
  const timer = setTimeout(() => timedOut.resolve('timed-out'), timeoutMs);
  try {
    await tick();
    while (!signal.aborted) {
      const change = nextChange();
      const { facts } = find(id);
      if (!isBusy(id) && facts !== undefined && isAtRest(facts)) break;
      if (!isBusy(id) && facts === undefined) {
        // One that was stopped may be about to be started again.
        await tick();
        if (!isBusy(id) && find(id).facts === undefined) break;
      } else if ((await Promise.race([change, timedOut.promise])) === 'timed-out') break;
    }
    return find(id);
  } finally {
    clearTimeout(timer);
  }
}

function isAtRest({ status, phase }: RuntimeFacts): boolean {
  return status === 'error' || phase === 'online' || phase === 'offline' || phase === 'backoff';
}
