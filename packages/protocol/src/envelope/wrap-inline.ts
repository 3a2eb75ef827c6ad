import { concatBytes, encodeUtf8 } from '@puffo/base';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { WRAP_BYTES, wrapContentKey } from './wrap-content-key.ts';
import type { WrapJob } from './wrap-pool.ts';

/** Wraps the recipients `from` to `to` (exclusive) into `output`, on the caller's thread. */
export function wrapInline(job: WrapJob, range: { from: number; to: number; output: Uint8Array }): void {
  const { from, to, output } = range;
  for (let index = from; index < to; index++) {
    const recipient = job.recipients[index];
    if (recipient === undefined) return;
    wrapContentKey(recipient.kemKey, {
      contentKey: job.contentKey,
      ephemeralSecret: job.ephemeralSecrets.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES),
      aad: concatBytes(job.aadPrefix, encodeUtf8(recipient.deviceId)),
      output: output.subarray(index * WRAP_BYTES, (index + 1) * WRAP_BYTES),
    });
  }
}
