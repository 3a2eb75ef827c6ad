// One process at a time works on the outbox of an identity: two would seal one message twice, and the server takes it once.
import type { PrivateFiles } from '@puffo/host';
import type { Slug } from '@puffo/protocol';

export interface OutboxTurn extends AsyncDisposable {
  /** Several at once in this process share the turn; other processes wait until the last of them is done. */
  use<Result>(work: () => Promise<Result>): Promise<Result>;
}

interface Hold {
  readonly acquired: Promise<void>;
  readonly release: () => Promise<void>;
}

export function createOutboxTurn(files: Pick<PrivateFiles, 'lock'>, slug: Slug): OutboxTurn {
  const turns = new Set<Promise<unknown>>();
  let users = 0;
  let hold: Hold | undefined;

  async function take<Result>(work: () => Promise<Result>): Promise<Result> {
    users++;
    hold ??= takeLock(files, `${slug}.outbox`);
    const own = hold;
    try {
      await own.acquired;
      return await work();
    } finally {
      users--;
      if (users === 0) {
        hold = undefined;
        await own.release();
      }
    }
  }

  return {
    use(work) {
      const turn = take(work);
      turns.add(turn);
      void turn.catch(() => undefined).then(() => turns.delete(turn));
      return turn;
    },
    /** Waits until nobody uses it: whoever closes the outbox ends what is under way. */
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(turns);
    },
  };
}

/** The lock of a folder lasts as long as a function runs; this one runs until it is released. */
function takeLock(files: Pick<PrivateFiles, 'lock'>, name: string): Hold {
  const inside = createSignal();
  const ending = createSignal();
  const whole = files.lock(name, () => {
    inside.set();
    return ending.isSet;
  });
  return {
    // When the lock cannot be had, `whole` fails before anybody is inside.
    acquired: Promise.race([inside.isSet, whole]),
    async release() {
      ending.set();
      try {
        await whole;
      } catch {
        // It was told to who waited for it.
      }
    },
  };
}

interface Signal {
  readonly isSet: Promise<void>;
  readonly set: () => void;
}

function createSignal(): Signal {
  let resolveNow: (() => void) | undefined;
  const isSet = new Promise<void>((resolve) => {
    resolveNow = resolve;
  });
  return { isSet, set: () => resolveNow?.() };
}
