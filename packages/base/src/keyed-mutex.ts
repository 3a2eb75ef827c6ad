/** One at a time per key, in the order of calls. One that fails does not hold up the next. */
export interface KeyedMutex<Key> {
  run<Result>(key: Key, work: () => Promise<Result>): Promise<Result>;
}

export function createKeyedMutex<Key>(): KeyedMutex<Key> {
  const last = new Map<Key, Promise<unknown>>();
  return {
    run<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
      const before = last.get(key) ?? Promise.resolve();
      // Whether the one before succeeded concerns its own caller.
      const running = before.then(work, work);
      const settled = running.catch(() => undefined);
      last.set(key, settled);
      void settled.then(() => {
        if (last.get(key) === settled) last.delete(key);
      });
      return running;
    },
  };
}
