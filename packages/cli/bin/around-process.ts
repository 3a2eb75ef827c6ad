// What both programs do with signals and at their end. Like them it knows the process; nothing else does.
const STOPPED = 130;
const LINGER_MS = 500;

/**
 * The second signal is for impatient people. A terminal that is closed asks once, however often it is said: the shell and the
 * system both do. spec: daemon-and-cli D-9
 */
export function listenForStop(): AbortSignal {
  const stopping = new AbortController();
  let isAsked = false;
  function stop(): void {
    if (isAsked) process.exit(STOPPED);
    isAsked = true;
    stopping.abort();
  }
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', () => stopping.abort());
  return stopping.signal;
}

/** Not `process.exit` at once: output to a pipe may still be on its way. What keeps running is cut off all the same. */
export function endSoon(exitCode: number): void {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
