/**
 * Group commit: a flush that starts after a commit covers it and every commit before, so callers who arrive while one
 * runs share the next.
 */
export interface GroupFlush {
  /** Resolves when everything written before the call is on disk. */
  flush(): Promise<void>;
}

export function createGroupFlush(flushOnce: () => Promise<void>): GroupFlush {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function start(): Promise<void> {
    const flushing = flushOnce().finally(() => {
      if (running === flushing) running = undefined;
    });
    running = flushing;
    return flushing;
  }

  async function startAfter(previous: Promise<void>): Promise<void> {
    // Whether the one before succeeded concerns those who waited for it.
    await previous.catch(() => undefined);
    next = undefined;
    await start();
  }

  return {
    flush() {
      if (running === undefined) return start();
      next ??= startAfter(running);
      return next;
    },
  };
}
