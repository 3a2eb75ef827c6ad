import { nextTask } from '@puffo/base';
import { WRAP_BYTES } from './wrap-content-key.ts';
import { wrapInline } from './wrap-inline.ts';
import type { WrapPool } from './wrap-pool.ts';

/** Pure JavaScript needs milliseconds for a recipient, so a slice is short. */
const SLICE_RECIPIENTS = 2;

export function createWrapPool(): WrapPool {
  return {
    async wrap(job) {
      const count = job.recipients.length;
      const output = new Uint8Array(count * WRAP_BYTES);
      for (let from = 0; from < count; from += SLICE_RECIPIENTS) {
        if (from > 0) await nextTask();
        wrapInline(job, { from, to: Math.min(count, from + SLICE_RECIPIENTS), output });
      }
      return output;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
