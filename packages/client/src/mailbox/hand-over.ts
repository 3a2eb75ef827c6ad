// From those who verify to the one who reads: a few ahead of the reader and no more.

export interface HandOver<Item> extends AsyncIterable<Item> {
  /** Neither taken nor wanted yet. */
  readonly size: number;
  /** Resolves when there is room for one more. At the end too: what is put then is dropped. */
  room(): Promise<void>;
  /** After `room`. */
  put(item: Item): void;
  /** What was put before is still read. */
  end(): void;
  /** What was put before is still read, then the reader gets the error. */
  fail(error: Error): void;
  /** At once: what was put is dropped. */
  abandon(): void;
}

export function createHandOver<Item>(capacity: number): HandOver<Item> {
  const items: Item[] = [];
  const wanting = createBell();
  const putting = createBell();
  let ending: { readonly error?: Error } | undefined;

  function finish(reason: { readonly error?: Error }): void {
    ending ??= reason;
    wanting.ring();
    putting.ring();
  }

  async function next(): Promise<IteratorResult<Item>> {
    for (;;) {
      const taken = items.splice(0, 1);
      if (taken.length > 0) {
        putting.ring();
        return { done: false, value: taken[0] as Item };
      }
      if (ending !== undefined) {
        const { error } = ending;
        ending = {};
        if (error !== undefined) throw error;
        return { done: true, value: undefined };
      }
      await wanting.heard();
    }
  }

  return {
    get size() {
      return items.length;
    },
    async room() {
      while (items.length >= capacity && ending === undefined) await putting.heard();
    },
    put(item) {
      if (ending !== undefined) return;
      items.push(item);
      wanting.ring();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    abandon() {
      items.length = 0;
      finish({});
    },
    [Symbol.asyncIterator]: () => ({ next }),
  };
}

interface Bell {
  /** Resolves at the next ring. */
  heard(): Promise<void>;
  ring(): void;
}

function createBell(): Bell {
  let listeners: (() => void)[] = [];
  return {
    heard: () => new Promise((resolve) => listeners.push(resolve)),
    ring() {
      const heard = listeners;
      listeners = [];
      for (const listener of heard) listener();
    },
  };
}
