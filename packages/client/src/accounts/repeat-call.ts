import { type Backoff, backoffDelay, sleep } from '@puffo/base';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';

const ATTEMPTS = 4;
const BACKOFF: Backoff = { firstMs: 500, maxMs: 8000, minMs: 50 };

/**
 * For calls that are the same when they are repeated with the same keys, although the endpoint in general is not. The last
 * failure is the caller's.
 */
export async function repeatCall<Answer>(call: () => Promise<Answer>, { random }: ClientContext): Promise<Answer> {
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ClientError) || !error.retryable || failures >= ATTEMPTS) throw error;
      // A server that asks for patience tells the person; here nobody would know why nothing happens.
      if (error.code === 'rate-limited') throw error;
      await sleep(backoffDelay(BACKOFF, failures - 1, random));
    }
  }
}
