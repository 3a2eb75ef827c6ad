import type { Server } from 'node:http';

const SWEEP_MS = 100;

/**
 * Node closes the idle connections once, when it stops to listen; those whose request ends later stay open for the next
 * one, which never comes. This closes them too, until `closing` is done.
 */
export async function closeWhenIdle(server: Server, closing: PromiseLike<unknown>): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  try {
    await closing;
  } finally {
    clearInterval(sweep);
  }
}
