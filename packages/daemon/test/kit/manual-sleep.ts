import type { Sleep } from '../../src/worker/wakeable-pause.ts';

export interface ManualSleep {
  readonly sleep: Sleep;
  /** Of those who sleep now, in the order in which they lay down. */
  readonly delays: readonly number[];
  /** Everybody whose delay is at most that wakes up. */
  pass(delayMs: number): void;
}

/** Time that passes when the test says so. */
export function createManualSleep(): ManualSleep {
  const sleepers = new Map<() => void, number>();
  return {
    get delays() {
      return Array.from(sleepers.values());
    },
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        function wake(): void {
          sleepers.delete(wake);
          resolve();
        }
        function stop(): void {
          sleepers.delete(wake);
          reject(new Error('Stopped'));
        }
        if (signal?.aborted === true) return stop();
        sleepers.set(wake, delayMs);
        signal?.addEventListener('abort', stop, { once: true });
      }),
    pass(delayMs) {
      for (const [wake, ownMs] of sleepers) if (ownMs <= delayMs) wake();
    },
  };
}
