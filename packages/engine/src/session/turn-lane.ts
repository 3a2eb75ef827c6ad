// Lets one turn in at a time, in the order of asking.

export interface TurnLane {
  /** Resolves with what ends the turn, or `undefined` when `signal` is aborted before its time has come. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createTurnLane(): TurnLane {
  let last = Promise.resolve();
  return {
    async enter(signal) {
      const before = last;
      const { left, leave } = createTicket();
      last = left;
      if (!signal.aborted && (await isFirst(before, signal))) return leave;
      // Those behind wait for the one in front all the same.
      void before.then(leave);
      return undefined;
    },
  };
}

function createTicket(): { readonly left: Promise<void>; readonly leave: () => void } {
  const leaving = new AbortController();
  const left = new Promise<void>((resolve) => {
    leaving.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { left, leave: () => leaving.abort() };
}

/** Whether `before` ends before `signal` is aborted. */
async function isFirst(before: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    function onAbort(): void {
      resolve(false);
    }
    signal.addEventListener('abort', onAbort, { once: true });
    void before.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve(true);
    });
  });
}
