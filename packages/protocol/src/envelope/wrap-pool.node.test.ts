import { setImmediate as nextTurn } from 'node:timers/promises';
import { concatBytes, encodeUtf8, seededRandom } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import { generateKemSecretKey } from '../crypto/x25519.ts';
import { hpkeOpen } from '../crypto/hpke.ts';
import { deviceIdOf } from '../ids.ts';
import { MESSAGE_INFO, WRAP_BYTES } from './wrap-content-key.ts';
import type { WrapJob, WrapPool } from './wrap-pool.ts';
import { createWrapPool } from './wrap-pool.node.ts';

const random = seededRandom(1);
const secretKeys = Array.from({ length: 1000 }, () => generateKemSecretKey(random));

function jobFor(devices: number): WrapJob {
  return {
    contentKey: random.bytes(32),
    aadPrefix: random.bytes(70),
    recipients: secretKeys
      .slice(0, devices)
      .map(({ kemPublicKey }) => ({ kemKey: kemPublicKey, deviceId: deviceIdOf(random.bytes(32)) })),
    ephemeralSecrets: random.bytes(32 * devices),
  };
}

async function wrapAlone(job: WrapJob): Promise<Uint8Array> {
  await using pool = createWrapPool({ threads: 0 });
  return pool.wrap(job);
}

/** Resolves when a thread of the pool has started and done some of the work. */
async function warmUp(pool: WrapPool): Promise<void> {
  for (let repeat = 0; repeat < 3; repeat++) await pool.wrap(jobFor(200));
}

describe('the wrap pool', () => {
  test.each([1, 7, 8, 9, 16, 17, 100, 1000])('wraps for %d devices what one thread alone wraps', async (devices) => {
    await using pool = createWrapPool({ threads: 2 });
    const job = jobFor(devices);
    const wraps = await pool.wrap(job);
    expect(Buffer.compare(wraps, await wrapAlone(job))).toBe(0);
    const last = wraps.subarray((devices - 1) * WRAP_BYTES);
    const opened = hpkeOpen(secretKeys[devices - 1] ?? generateKemSecretKey(random), {
      info: MESSAGE_INFO,
      aad: concatBytes(job.aadPrefix, encodeUtf8(job.recipients[devices - 1]?.deviceId ?? '')),
      enc: last.subarray(0, 32),
      ciphertext: last.subarray(32, WRAP_BYTES),
    });
    expect(opened).toEqual(job.contentKey);
  });

  test('serves several jobs at the same time', async () => {
    await using pool = createWrapPool({ threads: 2 });
    const jobs = [jobFor(200), jobFor(40), jobFor(333)];
    const wraps = await Promise.all(jobs.map((job) => pool.wrap(job)));
    for (const [index, job] of jobs.entries()) {
      expect(Buffer.compare(wraps[index] ?? new Uint8Array(0), await wrapAlone(job))).toBe(0);
    }
  });

  test('lets the event loop turn while it wraps for 1,000 devices', async () => {
    await using pool = createWrapPool();
    let isDone = false;
    let turns = 0;
    const counting = (async () => {
      for (; !isDone; turns++) await nextTurn();
    })();
    await pool.wrap(jobFor(1000));
    isDone = true;
    await counting;
    // 125 slices, of which the caller's thread did its share.
    expect(turns).toBeGreaterThan(20);
  });

  test('finishes the work of a thread that is ended in the middle', async () => {
    const pool = createWrapPool({ threads: 2 });
    await warmUp(pool);
    const job = jobFor(1000);
    const wrapping = pool.wrap(job);
    await nextTurn();
    await pool[Symbol.asyncDispose]();
    expect(Buffer.compare(await wrapping, await wrapAlone(job))).toBe(0);
  });
});
