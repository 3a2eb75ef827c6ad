// Asks what is pending, again until there is an answer, while there is a connection that makes it worth it.
// spec: wire-protocol 9.23, 10.4
import { AppError, backoffDelay, createDeferred, type Deferred } from '@puffo/base';
import type { Delivery as Arrival } from '@puffo/protocol';
import { createPause, type Sleep } from '../connection/pause.ts';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';

const RETRY = { firstMs: 2000, maxMs: 60_000, minMs: 1000 } as const;
/** So often, then what is live goes on without it: a list that cannot be had must not silence everything. */
const TRIES_BEFORE_LIVE = 3;

export interface PendingFetch {
  /** There is a new connection: what is pending is asked for in any case. */
  start(): void;
  /** There is none any more. */
  stop(): void;
  /** Resolves when an answer that was asked for after this call has been taken over. */
  request(): Promise<void>;
  /** Resolves at the end of the mailbox. */
  run(): Promise<void>;
}

export interface PendingFetchDeps {
  readonly http: HttpClient;
  readonly context: ClientContext;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  readonly onStart: () => void;
  /** It takes long. */
  readonly onStuck: () => void;
  readonly onEnd: (arrivals: readonly Arrival[]) => void;
}

export function createPendingFetch(deps: PendingFetchDeps): PendingFetch {
  const { context, signal } = deps;
  const pause = createPause(deps);
  let connected: AbortController | undefined;
  let waiters: Deferred<void>[] = [];
  let isWanted = false;

  function stop(): void {
    connected?.abort();
    connected = undefined;
    pause.wake();
  }

  function want(): void {
    isWanted = true;
    pause.wake();
  }

  async function fetchOnce(during: AbortSignal): Promise<readonly Arrival[] | undefined> {
    const { messages } = await deps.http.call('listPending', { signal: during });
    if (messages.unreadable > 0) context.log.warn('pending-unreadable', { count: messages.unreadable });
    return during.aborted ? undefined : messages.items;
  }

  async function fetchUntilDone(during: AbortSignal): Promise<readonly Arrival[] | undefined> {
    for (let failures = 0; !during.aborted;) {
      try {
        return await fetchOnce(during);
      } catch (error) {
        if (during.aborted) return undefined;
        failures++;
        const code = error instanceof AppError ? error.code : 'unexpected';
        context.log.warn('pending-failed', { code, failures });
        if (failures >= TRIES_BEFORE_LIVE || !(error instanceof AppError && error.retryable)) deps.onStuck();
        const timer = createPause({ sleep: deps.sleep, signal: during });
        await timer.wait(backoffDelay(RETRY, failures - 1, context.random));
      }
    }
    return undefined;
  }

  async function fetchWanted(during: AbortSignal): Promise<void> {
    const served = waiters;
    waiters = [];
    isWanted = false;
    deps.onStart();
    const arrivals = await fetchUntilDone(during);
    if (arrivals === undefined) {
      // The next connection begins with a list in any case.
      waiters = [...served, ...waiters];
      return;
    }
    deps.onEnd(arrivals);
    for (const waiter of served) waiter.resolve();
  }

  return {
    stop,
    start() {
      connected?.abort();
      connected = new AbortController();
      want();
    },
    request() {
      const waiter = createDeferred<void>();
      waiters.push(waiter);
      want();
      return waiter.promise;
    },
    async run() {
      signal.addEventListener('abort', stop, { once: true });
      while (!signal.aborted) {
        if (isWanted && connected !== undefined) await fetchWanted(connected.signal);
        else await pause.wait();
      }
    },
  };
}
