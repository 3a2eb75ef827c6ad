// A wait of a loop that other parts can cut short, and that its end ends.

/** Like `sleep` of base. */
export type Sleep = (delayMs: number, signal?: AbortSignal) => Promise<void>;

/** For one waiter. */
export interface WakeablePause {
  readonly isEnded: boolean;
  wait(delayMs: number): Promise<void>;
  /** Ends the wait that runs, or the next one before it begins. */
  wake(): void;
  /** Nothing waits from here on. */
  end(): void;
}

/** One for all: making a reason each time costs more than the timer. */
const WOKEN = new Error('Woken');

export function createWakeablePause(sleep: Sleep): WakeablePause {
  let timer = new AbortController();
  let isEnded = false;
  return {
    get isEnded() {
      return isEnded;
    },
    async wait(delayMs) {
      // It rejects only when it is woken.
      await sleep(delayMs, timer.signal).catch(() => undefined);
      if (timer.signal.aborted && !isEnded) timer = new AbortController();
    },
    wake: () => timer.abort(WOKEN),
    end() {
      isEnded = true;
      timer.abort(WOKEN);
    },
  };
}
