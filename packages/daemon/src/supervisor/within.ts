// Waiting for what may hang. spec: daemon-and-cli 2.10, 3.12

export interface WithinOptions {
  readonly maxMs: number;
  /** Called with a function that leaves it less time from now on. */
  readonly onHurry?: (shorten: (maxMs: number) => void) => void;
}

/** Whether it ended well in time. Never rejects; what hangs is left to itself. */
export function within(work: PromiseLike<unknown>, { maxMs, onHurry }: WithinOptions): Promise<boolean> {
  return new Promise((resolve) => {
    let isOver = false;
    let timer = setTimeout(giveUp, maxMs);

    function finish(isGood: boolean): void {
      isOver = true;
      clearTimeout(timer);
      resolve(isGood);
    }

    function giveUp(): void {
      finish(false);
    }

    onHurry?.((shorterMs) => {
      if (isOver) return;
      clearTimeout(timer);
      timer = setTimeout(giveUp, Math.min(shorterMs, maxMs));
    });
    work.then(
      () => finish(true),
      () => finish(false),
    );
  });
}
