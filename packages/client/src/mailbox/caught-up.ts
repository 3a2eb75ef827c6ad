// Who waits until a number of envelopes is acknowledged.
import { createDeferred, type Deferred } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';

export interface CaughtUpWaiters {
  /** Resolves when an acknowledgement of each has been sent. */
  wait(envelopeIds: Iterable<EnvelopeId>): Promise<void>;
  noteSent(envelopeIds: readonly EnvelopeId[]): void;
  fail(error: Error): void;
  /** Those who wait later fail as well. */
  end(error: Error): void;
}

interface Waiter {
  readonly missing: Set<EnvelopeId>;
  readonly deferred: Deferred<void>;
}

export function createCaughtUpWaiters(): CaughtUpWaiters {
  const waiters = new Set<Waiter>();
  let ending: Error | undefined;

  function fail(error: Error): void {
    for (const { deferred } of waiters) deferred.reject(error);
    waiters.clear();
  }

  return {
    fail,
    async wait(envelopeIds) {
      if (ending !== undefined) throw ending;
      const waiter: Waiter = { missing: new Set(envelopeIds), deferred: createDeferred() };
      if (waiter.missing.size === 0) return;
      waiters.add(waiter);
      await waiter.deferred.promise;
    },
    noteSent(envelopeIds) {
      for (const waiter of waiters) {
        for (const envelopeId of envelopeIds) waiter.missing.delete(envelopeId);
        if (waiter.missing.size > 0) continue;
        waiters.delete(waiter);
        waiter.deferred.resolve();
      }
    },
    end(error) {
      ending = error;
      fail(error);
    },
  };
}
