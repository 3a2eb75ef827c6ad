// Waiting for a better moment, which may come sooner than expected.

export interface PauseOptions {
  readonly delayMs: number;
  /** The server asked for it: nothing but the end cuts it short. */
  readonly isFirm: boolean;
}

export interface Pauses {
  /** Resolves when the time is over, or earlier. */
  wait(options: PauseOptions): Promise<void>;
  /** Ends the waits that are not firm. */
  wake(): void;
  /** Ends all of them, and those that begin later at once. */
  end(): void;
}

interface Pause {
  readonly isFirm: boolean;
  readonly finish: () => void;
}

export function createPauses(): Pauses {
  const pauses = new Set<Pause>();
  let isEnded = false;

  function finish(isMeant: (pause: Pause) => boolean): void {
    for (const pause of pauses) if (isMeant(pause)) pause.finish();
  }

  return {
    wait({ delayMs, isFirm }) {
      if (isEnded) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(() => pause.finish(), delayMs);
        const pause: Pause = {
          isFirm,
          finish() {
            clearTimeout(timer);
            pauses.delete(pause);
            resolve();
          },
        };
        pauses.add(pause);
      });
    },
    wake: () => finish(({ isFirm }) => !isFirm),
    end() {
      isEnded = true;
      finish(() => true);
    },
  };
}
