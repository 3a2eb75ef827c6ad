// Nobody waits for a tool for ever. What has left is not called back: a tool that speaks ends by itself, and only what has not left
// by then does not leave any more. spec: mcp-tools 3.8
import { sleep } from '@puffo/base';
import { ToolError } from './tool-error.ts';

export interface DeadlineOptions {
  readonly timeoutMs: number;
  /** Of the caller. */
  readonly signal: AbortSignal;
  /** Its end is told to the work, and waited for. */
  readonly endsByItself: boolean;
}

/** `work` is given a signal that ends at the time, too. */
export async function withDeadline<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  { timeoutMs, signal, endsByItself }: DeadlineOptions,
): Promise<Result> {
  const late = new AbortController();
  const timer = new AbortController();
  const time = sleep(timeoutMs, timer.signal).then(
    () => late.abort(),
    // It was called off, because the work is over.
    () => undefined,
  );
  const ending = AbortSignal.any([signal, late.signal]);
  try {
    ending.throwIfAborted();
    return await (endsByItself ? work(ending) : Promise.race([work(ending), abortOf(ending, timer.signal)]));
  } catch (error) {
    if (!late.signal.aborted || error instanceof ToolError) throw error;
    const message = 'Cannot finish this in time: the chat server or this computer is too slow; try again later';
    throw new ToolError('unavailable', message, { cause: error });
  } finally {
    timer.abort();
    await time;
  }
}

/** Fails when `ending` is aborted. */
function abortOf(ending: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    ending.addEventListener('abort', () => reject(new Error('the work was ended')), { once: true, signal: over });
  });
}
