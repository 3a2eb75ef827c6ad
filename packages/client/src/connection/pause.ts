// Waiting that something else can end. The way to sleep is passed in, so that tests need no time.

/** Like `sleep` of base: rejects as soon as the signal is aborted. */
export type Sleep = (delayMs: number, signal?: AbortSignal) => Promise<void>;

/** One for all: making a reason each time costs more than the timer. */
const NO_LONGER_NEEDED = new Error('No longer needed');

export interface PauseOptions {
  readonly sleep: Sleep;
  /** Ends every wait at once. */
  readonly signal: AbortSignal;
}

/** For one waiter. */
export interface Pause {
  /** Absent: until it is woken. */
  wait(delayMs?: number): Promise<'elapsed' | 'woken'>;
  /** Ends the wait that runs, or the next one before it begins. */
  wake(): void;
}

export function createPause({ sleep, signal }: PauseOptions): Pause {
  let isWoken = false;
  let finish: (() => void) | undefined;

  function wake(): void {
    isWoken = true;
    finish?.();
  }

  signal.addEventListener('abort', wake, { once: true });
  return {
    wake,
    async wait(delayMs) {
      if (!isWoken && !signal.aborted) {
        const timer = new AbortController();
        await new Promise<void>((resolve) => {
          finish = resolve;
          if (delayMs !== undefined) runAfter(delayMs, resolve, { sleep, signal: timer.signal });
        });
        finish = undefined;
        timer.abort(NO_LONGER_NEEDED);
      }
      const result = isWoken || signal.aborted ? 'woken' : 'elapsed';
      isWoken = false;
      return result;
    },
  };
}

/** Calls `work` after `delayMs`, unless the signal is aborted before. */
export function runAfter(delayMs: number, work: () => void, { sleep, signal }: PauseOptions): void {
  // It rejects only when it is called off.
  void sleep(delayMs, signal).then(work, () => undefined);
}

/** Steps in which something that is known already gets through the functions on its way. */
const QUICK_STEPS = 16;

/** What `work` comes to, or `late`. It is not called off, and whoever started it handles its failure after that. */
export async function withinTime<Result>(
  work: Promise<Result>,
  { delayMs, sleep }: { readonly delayMs: number; readonly sleep: Sleep },
): Promise<Result | 'late'> {
  // A timer costs more than most of what is asked for: what comes at once needs none.
  if (await isQuick(work)) return work;
  const timer = new AbortController();
  const late = new Promise<'late'>((resolve) => {
    runAfter(delayMs, () => resolve('late'), { sleep, signal: timer.signal });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort(NO_LONGER_NEEDED);
  }
}

async function isQuick(work: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  function note(): void {
    isSettled = true;
  }
  work.then(note, note);
  for (let step = 0; step < QUICK_STEPS && !isSettled; step++) await Promise.resolve();
  return isSettled;
}

/** What `work` comes to, or `aborted` as soon as the signal is. It is not called off. */
export async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | 'aborted'> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return 'aborted';
  }
  const settled = new AbortController();
  const aborted = new Promise<'aborted'>((resolve) => {
    signal.addEventListener('abort', () => resolve('aborted'), { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort(NO_LONGER_NEEDED);
  }
}
