// What has come already, taken together: one commit instead of many when there is a backlog, and no waiting when there is none.
import { nextTask } from '@puffo/base';

/** Never empty. Ends with the source. */
export async function* batchesOf<Item>(
  source: AsyncIterable<Item>,
  maxItems: number,
): AsyncGenerator<readonly Item[], void, void> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const first = await next;
      if (first.done === true) return;
      const batch = [first.value];
      next = iterator.next();
      while (batch.length < maxItems) {
        const result = await Promise.race([next, nextTask().then(() => undefined)]);
        if (result === undefined || result.done === true) break;
        batch.push(result.value);
        next = iterator.next();
      }
      yield batch;
    }
  } finally {
    // Whoever stops early leaves one that nobody waits for.
    next.catch(() => undefined);
    await iterator.return?.();
  }
}
