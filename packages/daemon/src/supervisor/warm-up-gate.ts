// One warm-up at a time: resuming a long session takes much memory, and many at once can take all of it. Who waits longest does
// not go first, but the first id does. spec: daemon-and-cli 2.7, D-9
import { DaemonError } from '../daemon-error.ts';

export interface WarmUpGate {
  /** For one worker. */
  passFor(id: string): WarmUpPass;
  /** Nobody gets in any more. */
  close(): void;
}

export interface WarmUpPass {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Does not wait any more; what it has begun goes on. */
  cancel(): void;
}

interface Waiting {
  readonly id: string;
  readonly pass: object;
  readonly enter: () => void;
  readonly refuse: (error: Error) => void;
}

/** A warm-up that takes longer than `maxMs` goes on beside the next one. */
export function createWarmUpGate({ maxMs }: { readonly maxMs: number }): WarmUpGate {
  let waiting: readonly Waiting[] = [];
  let isTaken = false;
  let isClosed = false;

  function letIn(): void {
    const [next, ...others] = waiting;
    isTaken = next !== undefined;
    waiting = others;
    next?.enter();
  }

  function enter(id: string, pass: object): Promise<void> {
    if (isClosed) return Promise.reject(stopped(id));
    return new Promise((resolve, reject) => {
      const own = { id, pass, enter: resolve, refuse: reject };
      waiting = [...waiting, own].toSorted((a, b) => (a.id < b.id ? -1 : 1));
      if (!isTaken) letIn();
    });
  }

  function refuse(isMeant: (each: Waiting) => boolean): void {
    const refused = waiting.filter(isMeant);
    waiting = waiting.filter((each) => !isMeant(each));
    for (const each of refused) each.refuse(stopped(each.id));
  }

  return {
    passFor(id) {
      const pass = {};
      let isCancelled = false;
      return {
        async run(work) {
          if (isCancelled) throw stopped(id);
          await enter(id, pass);
          const leave = once(letIn);
          const timer = setTimeout(leave, maxMs);
          timer.unref();
          try {
            return await work();
          } finally {
            clearTimeout(timer);
            leave();
          }
        },
        cancel() {
          isCancelled = true;
          refuse((each) => each.pass === pass);
        },
      };
    },
    close() {
      isClosed = true;
      refuse(() => true);
    },
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}

function stopped(id: string): DaemonError {
  return new DaemonError(`Cannot start agent '${id}': it is stopped`, { code: 'failed' });
}
