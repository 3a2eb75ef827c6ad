// What waits for credentials is tried again when they change, and from time to time: limits end, and accounts are filled, without
// anybody telling this daemon. spec: runtimes 2.8
import { type Logger, sleep } from '@puffo/base';
import type { AgentStore } from '../store/agent-store.ts';
import type { AgentCondition } from './agent-condition.ts';

const PERIOD_MS = 30 * 60_000;

export interface DeferredRetries {
  retry(): Promise<void>;
  /** Until `signal` is aborted. Fails when the agent's database does. */
  keepRetrying(signal: AbortSignal): Promise<void>;
}

export interface DeferredRetriesOptions {
  readonly store: Pick<AgentStore, 'resumeDeferred'>;
  readonly condition: Pick<AgentCondition, 'note' | 'loadChanged'>;
  /** Something waits again. */
  readonly wake: () => void;
  readonly logger: Logger;
}

export function createDeferredRetries({ store, condition, wake, logger }: DeferredRetriesOptions): DeferredRetries {
  async function resume(): Promise<void> {
    const count = await store.resumeDeferred();
    if (count === 0) return;
    logger.info('deferred-resumed', { messages: count });
    condition.loadChanged();
    wake();
  }

  return {
    async retry() {
      condition.note({ kind: 'credentials-changed' });
      await resume();
    },
    async keepRetrying(signal) {
      while (!signal.aborted) {
        // It rejects when it is called off.
        await sleep(PERIOD_MS, signal).catch(() => undefined);
        if (!signal.aborted) await resume();
      }
    },
  };
}
