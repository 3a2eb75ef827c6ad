// What both programs do with signals and at their end. Like them it knows the process; nothing else does.
const STOPPED = 130;
const LINGER_MS = 500;

/** The second signal is for impatient people. */
export function listenForStop(): AbortSignal {
  const stopping = new AbortController();
  function stop(): void {
    if (stopping.signal.aborted) process.exit(STOPPED);
    stopping.abort();
  }
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}

/** Not `process.exit` at once: output to a pipe may still be on its way. What keeps running is cut off all the same. */
export function endSoon(exitCode: number): void {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
