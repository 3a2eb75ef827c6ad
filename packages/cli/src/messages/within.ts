import { sleep } from '@puffo/base';

export type Within<Value> = { readonly kind: 'done'; readonly value: Value } | { readonly kind: 'late' };

/** Waits for `work`, but not longer than `waitMs`; it goes on by itself then. Fails as it fails. */
export async function within<Value>(work: Promise<Value>, waitMs: number): Promise<Within<Value>> {
  const waiting = new AbortController();
  const patience = sleep(waitMs, waiting.signal).then(
    () => ({ kind: 'late' }) as const,
    () => ({ kind: 'late' }) as const,
  );
  try {
    return await Promise.race([work.then((value) => ({ kind: 'done', value }) as const), patience]);
  } finally {
    waiting.abort();
  }
}
