/** From whoever adds to the one who takes, in order. Adding never waits; a full queue says so instead of growing. */
export interface AsyncQueue<Item> extends AsyncIterable<Item> {
  readonly size: number;
  /** `false`: it is full or ended, and the item was not taken. */
  add(item: Item): boolean;
  /** What was added before is still taken. May be called again. */
  end(): void;
}

export function createAsyncQueue<Item>(capacity: number): AsyncQueue<Item> {
  const items: Item[] = [];
  let isEnded = false;
  let wake: (() => void) | undefined;

  function notify(): void {
    wake?.();
    wake = undefined;
  }

  async function next(): Promise<IteratorResult<Item>> {
    for (;;) {
      const [item] = items.splice(0, 1) as [Item?];
      if (item !== undefined) return { done: false, value: item };
      if (isEnded) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    get size() {
      return items.length;
    },
    add(item) {
      if (isEnded || items.length >= capacity) return false;
      items.push(item);
      notify();
      return true;
    },
    end() {
      isEnded = true;
      notify();
    },
    [Symbol.asyncIterator]() {
      return { next };
    },
  };
}
