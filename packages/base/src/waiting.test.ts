import { describe, expect, it } from 'vitest';
import { sleep } from './abort.ts';
import { createAsyncQueue } from './async-queue.ts';
import { backoffDelay } from './backoff.ts';
import { createKeyedMutex } from './keyed-mutex.ts';
import { seededRandom } from './random.ts';
import { createSingleFlight } from './single-flight.ts';

/** A promise that the test settles. */
function createGate<Value>() {
  let open: (value: Value) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

describe('sleep', () => {
  it('rejects with the reason when it is called off, before or meanwhile', async () => {
    const reason = new Error('enough');
    await expect(sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });
});

describe('a single flight', () => {
  it('is shared by those who ask meanwhile, failure included, and made anew afterwards', async () => {
    const flights = createSingleFlight<string>();
    const gate = createGate<number>();
    let count = 0;
    const work = () => {
      count += 1;
      return gate.promise;
    };
    const both = [flights.run('a', work), flights.run('a', work)];
    const other = flights.run('b', () => Promise.resolve(7));
    gate.fail(new Error('no'));
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect([count, await other]).toEqual([1, 7]);
    await expect(flights.run('a', () => Promise.resolve(2))).resolves.toBe(2);
  });
});

describe('a keyed mutex', () => {
  it('runs one at a time per key, in order, whatever some of them throw', async () => {
    const mutex = createKeyedMutex<string>();
    const gate = createGate<void>();
    const steps: string[] = [];
    const first = mutex.run('a', async () => {
      steps.push('a1 begins');
      await gate.promise;
      steps.push('a1 ends');
      throw new Error('on purpose');
    });
    const second = mutex.run('a', () => Promise.resolve(steps.push('a2')));
    await mutex.run('b', () => Promise.resolve(steps.push('b')));
    gate.open();
    await expect(first).rejects.toThrow('on purpose');
    await second;
    expect(steps).toEqual(['a1 begins', 'b', 'a1 ends', 'a2']);
  });
});

describe('a backoff', () => {
  it('stays between its bounds, which double up to the greatest', () => {
    const random = seededRandom(1);
    const backoff = { firstMs: 1000, maxMs: 30_000, minMs: 500 };
    for (const [attempt, bound] of [
      [0, 1000],
      [1, 2000],
      [4, 16_000],
      [5, 30_000],
      [400, 30_000],
    ] as const) {
      const delays = Array.from({ length: 300 }, () => backoffDelay(backoff, attempt, random));
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(500);
      expect(Math.max(...delays)).toBeLessThan(bound);
      expect(Math.max(...delays)).toBeGreaterThan(bound * 0.9);
    }
  });
});

describe('a queue', () => {
  it('hands over in order, refuses what does not fit, and ends after what is left', async () => {
    const queue = createAsyncQueue<number>(2);
    expect([queue.add(1), queue.add(2), queue.add(3), queue.size]).toEqual([true, true, false, 2]);
    const taken: number[] = [];
    const taking = (async () => {
      for await (const item of queue) taken.push(item);
    })();
    while (queue.size > 0) await Promise.resolve();
    queue.add(4);
    queue.end();
    expect(queue.add(5)).toBe(false);
    await taking;
    expect(taken).toEqual([1, 2, 4]);
  });
});
