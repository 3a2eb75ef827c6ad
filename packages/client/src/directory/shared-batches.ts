/** Work for many keys at once, where a key that somebody already works on is waited for and not worked on twice. */
export interface SharedBatches<Key> {
  /** `work` gets the keys that nobody works on, if there are any. Fails when the work for one of the keys fails. */
  run(keys: readonly Key[], work: (keys: readonly Key[]) => Promise<void>): Promise<void>;
  isRunning(key: Key): boolean;
  /** Resolves when nobody works on the key, whatever became of it. */
  settled(key: Key): Promise<void>;
}

export function createSharedBatches<Key>(): SharedBatches<Key> {
  const running = new Map<Key, Promise<void>>();

  function start(keys: readonly Key[], work: (keys: readonly Key[]) => Promise<void>): Promise<void> {
    const started = work(keys).finally(() => {
      for (const key of keys) running.delete(key);
    });
    for (const key of keys) running.set(key, started);
    return started;
  }

  return {
    async run(keys, work) {
      const awaited = keys.flatMap((key) => running.get(key) ?? []);
      const idle = keys.filter((key) => !running.has(key));
      if (idle.length > 0) awaited.push(start(idle, work));
      await Promise.all(new Set(awaited));
    },
    isRunning: (key) => running.has(key),
    // Its failure concerns those who asked for it.
    settled: (key) => (running.get(key) ?? Promise.resolve()).catch(() => undefined),
  };
}
