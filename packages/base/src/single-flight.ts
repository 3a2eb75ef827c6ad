/** Callers who ask for the same key while the work runs share its result, and its failure. */
export interface SingleFlight<Key> {
  run<Result>(key: Key, work: () => Promise<Result>): Promise<Result>;
}

export function createSingleFlight<Key>(): SingleFlight<Key> {
  const running = new Map<Key, Promise<unknown>>();
  return {
    run<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
      const known = running.get(key);
      // One key stands for one kind of work: that is what callers choose it for.
      if (known !== undefined) return known as Promise<Result>;
      const started = work().finally(() => running.delete(key));
      running.set(key, started);
      return started;
    },
  };
}
