// Time that stands still until a test moves it, and nobody who really waits.
import type { Sleep } from '../../src/index.ts';

export interface FakeTime {
  readonly now: () => number;
  readonly sleep: Sleep;
  /** How many wait. */
  readonly sleepers: number;
  /** Wakes everybody whose time comes within, one after the other, and lets them work in between. */
  advance(delayMs: number): Promise<void>;
  /** Sets the clock; timers go on as before. */
  jump(delayMs: number): void;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createFakeTime(start: number): FakeTime {
  const sleepers = new Set<Sleeper>();
  /** Timers do not care what the clock says. */
  let now = 0;
  let offset = start;

  function nextUntil(end: number): Sleeper | undefined {
    const due = [...sleepers].filter(({ at }) => at <= end);
    return due.sort((left, right) => left.at - right.at)[0];
  }

  return {
    now: () => now + offset,
    get sleepers() {
      return sleepers.size;
    },
    sleep(delayMs, signal) {
      return new Promise((resolve, reject) => {
        const stopped = () => {
          sleepers.delete(sleeper);
          reject(new Error('stopped'));
        };
        const sleeper: Sleeper = {
          at: now + delayMs,
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', stopped);
            resolve();
          },
        };
        if (signal?.aborted === true) return reject(new Error('stopped'));
        signal?.addEventListener('abort', stopped, { once: true });
        sleepers.add(sleeper);
      });
    },
    async advance(delayMs) {
      const end = now + delayMs;
      await settle();
      for (let next = nextUntil(end); next !== undefined; next = nextUntil(end)) {
        now = Math.max(now, next.at);
        next.wake();
        await settle();
      }
      now = end;
    },
    jump(delayMs) {
      offset += delayMs;
    },
  };
}

/** Lets everything happen that needs no time. */
export async function settle(turns = 6): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Fails when it does not become true without time. */
export async function until(isTrue: () => boolean, what = isTrue.toString()): Promise<void> {
  for (let turn = 0; turn < 2000; turn++) {
    if (isTrue()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it did not happen: ${what}`);
}
