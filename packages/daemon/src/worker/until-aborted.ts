/** What `work` comes to, or the signal's reason as soon as it is aborted. The work itself is not stopped, and may fail unheard. */
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
