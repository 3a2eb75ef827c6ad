// Waits for something that another process or another task brings about.
import { sleep, systemClock } from '@puffo/base';
import { TestbedError } from './testbed-error.ts';

export interface WaitOptions {
  /** Far beyond what a busy machine needs: it is a failure, not a measurement. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const POLL_MS = 10;

/**
 * Resolves with the first value of `condition` that is neither `false` nor `undefined`. `what` completes "waited for …" in the
 * failure. What `condition` throws ends the wait.
 */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  what: string,
  { timeoutMs = TIMEOUT_MS }: WaitOptions = {},
): Promise<Exclude<Value, false | undefined>> {
  const deadline = systemClock() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (isThere(value)) return value;
    if (systemClock() > deadline) {
      throw new TestbedError('wait-timed-out', `Waited for ${what}: it did not happen in ${timeoutMs} ms`);
    }
    await sleep(POLL_MS);
  }
}

function isThere<Value>(value: Value): value is Exclude<Value, false | undefined> {
  return value !== false && value !== undefined;
}
