// One tick after the other: after a pause, when somebody asks, and at once when there is a reason. spec: daemon-and-cli 2.5

export interface TickLoop {
  /** Resolves when the loop is over. */
  readonly ended: Promise<void>;
  /** One that begins after this call. Resolves when it is over, however it went. */
  run(): Promise<void>;
  wake(): void;
}

export interface TickLoopOptions {
  readonly tick: () => Promise<void>;
  readonly pauseMs: () => number;
  /** A tick failed; the next one may succeed. */
  readonly onError: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The first tick begins at once. */
export function createTickLoop({ tick, pauseMs, onError, signal }: TickLoopOptions): TickLoop {
  let last: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  let isWoken = false;
  let endPause: (() => void) | undefined;

  /** Whoever asks while one is waiting shares it. */
  function run(): Promise<void> {
    if (waiting !== undefined) return waiting;
    const next = last.then(() => {
      waiting = undefined;
      return runOne();
    });
    waiting = next;
    last = next;
    return next;
  }

  async function runOne(): Promise<void> {
    if (signal.aborted) return;
    try {
      await tick();
    } catch (error) {
      onError(error instanceof Error ? error.message : 'unknown');
    }
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      isWoken = false;
      await run();
      await pause();
    }
  }

  function pause(): Promise<void> {
    if (isWoken || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs());
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function wake(): void {
    isWoken = true;
    endPause?.();
  }

  signal.addEventListener('abort', wake, { once: true });
  return { ended: loop(), run, wake };
}
