// Remembers requests within bounds, and wakes those who wait for one.
import { FakeProviderError } from './errors.ts';
import type { FakeRequest } from './fake-request.ts';

export type RequestPredicate = (request: FakeRequest) => boolean;

/** A request while it is answered. */
export type RequestRecord = { -readonly [Member in keyof FakeRequest]: FakeRequest[Member] };

export interface RequestLog {
  readonly requests: readonly FakeRequest[];
  /** Oldest requests that were forgotten because there were too many. */
  readonly forgotten: number;
  add(record: Omit<RequestRecord, 'seq'>): RequestRecord;
  /** Changes a record and looks again for those who wait. */
  update(record: RequestRecord, change: Partial<Omit<RequestRecord, 'seq'>>): void;
  waitFor(predicate: RequestPredicate, timeoutMs: number): Promise<FakeRequest>;
  close(): void;
}

export interface LogBounds {
  readonly maxRequests: number;
  /** Of all bodies together. */
  readonly maxBytes: number;
}

interface Waiter {
  readonly predicate: RequestPredicate;
  resolve(request: FakeRequest): void;
  reject(error: unknown): void;
}

export function createRequestLog({ maxRequests, maxBytes }: LogBounds): RequestLog {
  const kept: RequestRecord[] = [];
  const waiters = new Set<Waiter>();
  let seq = 0;
  let bytes = 0;

  function forgetOldest(): void {
    while (kept.length > maxRequests || (bytes > maxBytes && kept.length > 1)) {
      bytes -= kept.shift()?.rawBody.length ?? 0;
    }
  }
  function wake(): void {
    for (const waiter of waiters) settle(waiter);
  }
  function settle(waiter: Waiter): void {
    try {
      const found = kept.find(waiter.predicate);
      if (found !== undefined) waiter.resolve(found);
    } catch (error) {
      // The test's own predicate failed: that is the test's business, not that of whoever sent the request.
      waiter.reject(error);
    }
  }

  return {
    get requests() {
      return [...kept];
    },
    get forgotten() {
      return seq - kept.length;
    },
    add(record) {
      const added = { seq: ++seq, ...record };
      kept.push(added);
      bytes += added.rawBody.length;
      forgetOldest();
      wake();
      return added;
    },
    update(record, change) {
      Object.assign(record, change);
      wake();
    },
    async waitFor(predicate, timeoutMs) {
      let waiter: Waiter | undefined;
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise<FakeRequest>((resolve, reject) => {
          waiter = { predicate, resolve, reject };
          waiters.add(waiter);
          timer = setTimeout(() => reject(timedOut(timeoutMs, kept)), timeoutMs);
          settle(waiter);
        });
      } finally {
        clearTimeout(timer);
        if (waiter !== undefined) waiters.delete(waiter);
      }
    },
    close() {
      const error = new FakeProviderError('provider_closed', 'Cannot wait for a request: the fake provider was closed');
      for (const waiter of waiters) waiter.reject(error);
    },
  };
}

const LISTED_REQUESTS = 10;

function timedOut(timeoutMs: number, kept: readonly FakeRequest[]): FakeProviderError {
  const seen = kept.slice(-LISTED_REQUESTS).map(describeRequest).join('; ');
  return new FakeProviderError(
    'wait_timed_out',
    `Cannot wait any longer: no such request came within ${timeoutMs} ms. Seen: ${seen === '' ? 'none' : seen}`,
    { requests: kept.length },
  );
}

function describeRequest({ seq, method, path, answeredBy, outcome, status }: FakeRequest): string {
  return `#${seq} ${method} ${path.split('?')[0]} (${answeredBy}, ${outcome}, ${status})`;
}
