// A signal that ends with time, or with another signal, and is given back when the work is done.
import type { ClientError } from '../client-error.ts';

export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

export interface DeadlineOptions {
  readonly timeoutMs: number;
  /** The reason of the signal when time is up. */
  readonly createError: () => ClientError;
  readonly parent: AbortSignal | undefined;
  /** The reason of the signal when the parent ended; absent: the parent's own. */
  readonly ofParent?: (reason: unknown) => ClientError;
}

/** Disposing aborts the signal: whatever still runs for it has no reader any more. */
export function startDeadline({ timeoutMs, createError, parent, ofParent }: DeadlineOptions): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(createError()), timeoutMs);

  function follow(): void {
    controller.abort(ofParent === undefined ? parent?.reason : ofParent(parent?.reason));
  }

  if (parent?.aborted === true) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
      controller.abort();
    },
  };
}

/** What `work` comes to, or the signal's reason as soon as it is aborted. The work itself is not stopped. */
export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    function stop(): void {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new Error('Stopped'));
    }
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
