// A program that runs while it is wanted: started when somebody needs it, ended when nobody has for a while, and started again
// after it has ended for whatever reason. Never two of them at a time. spec: runtimes 5.2, 5.8
export interface KeptProgram {
  /** Never rejects. */
  readonly ended: Promise<unknown>;
  /** Bounded. */
  stop(): Promise<void>;
}

export interface ProgramLease<Program> {
  readonly program: Program;
  /** May be called again. */
  release(): void;
}

export interface ProgramKeeper<Program> {
  /** Starts it when it does not run. `undefined`: `signal` was aborted first. Rejects as `start` does. */
  use(signal: AbortSignal): Promise<ProgramLease<Program> | undefined>;
  /** Ends it now; the next to use it gets a new one. */
  drop(): Promise<void>;
  /** For good. */
  close(): Promise<void>;
}

export interface ProgramKeeperOptions<Program> {
  /** `signal`: it is not wanted any more. */
  start(signal: AbortSignal): Promise<Program>;
  /** ms without a lease; 0: never. */
  readonly idleMs: number;
}

export function createProgramKeeper<Program extends KeptProgram>({
  start,
  idleMs,
}: ProgramKeeperOptions<Program>): ProgramKeeper<Program> {
  let current: Promise<Program> | undefined;
  let starting = new AbortController();
  let leaving: Promise<unknown> = Promise.resolve();
  let users = 0;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;

  function acquire(): Promise<Program> {
    if (current !== undefined) return current;
    starting = new AbortController();
    const { signal } = starting;
    const started = leaving.then(() => start(signal));
    current = started;
    function forget(): void {
      if (current === started) current = undefined;
    }
    started.then((program) => program.ended.then(forget), forget);
    return started;
  }

  function drop(): Promise<void> {
    const program = current;
    current = undefined;
    clearTimeout(idle);
    starting.abort();
    // What did not start has nothing to stop.
    if (program !== undefined) leaving = program.then((each) => each.stop()).catch(() => undefined);
    return leaving.then(() => undefined);
  }

  function release(): void {
    users--;
    if (users === 0 && idleMs > 0 && !isClosed) idle = setTimeout(() => void drop(), idleMs);
  }

  return {
    async use(signal) {
      if (isClosed || signal.aborted) return undefined;
      clearTimeout(idle);
      users++;
      const leave = once(release);
      try {
        const program = await unlessAborted(acquire(), signal);
        if (program !== undefined) return { program, release: leave };
        leave();
        return undefined;
      } catch (error) {
        leave();
        throw error;
      }
    },
    drop,
    close() {
      isClosed = true;
      return drop();
    },
  };
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  // Its failure is nobody's when it comes too late.
  work.catch(() => undefined);
  let stop: (() => void) | undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
