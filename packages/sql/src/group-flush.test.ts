import { expect, test } from 'vitest';
import { createGroupFlush } from './group-flush.ts';

/** A flush that ends when the test says so. */
function controlledFlush() {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const { flush } = createGroupFlush(
    () =>
      new Promise<void>((resolve, reject) => {
        ends.push({ resolve, reject });
      }),
  );
  return { flush, ends };
}

/** Lets everything that is ready to run, run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

test('those who arrive during a flush share the next one', async () => {
  const { flush, ends } = controlledFlush();
  const done: string[] = [];
  void flush().then(() => done.push('first'));
  void flush().then(() => done.push('second'));
  void flush().then(() => done.push('third'));
  expect(ends).toHaveLength(1);
  ends[0]?.resolve();
  await settle();
  expect(done).toEqual(['first']);
  expect(ends).toHaveLength(2);
  ends[1]?.resolve();
  await settle();
  expect(done).toEqual(['first', 'second', 'third']);
});

test('a flush that fails is reported to those it was for, and the next one runs all the same', async () => {
  const { flush, ends } = controlledFlush();
  const first = flush();
  const second = flush();
  ends[0]?.reject(new Error('disk'));
  await expect(first).rejects.toThrow('disk');
  await settle();
  ends[1]?.resolve();
  await expect(second).resolves.toBeUndefined();
});

test('later flushes begin anew', async () => {
  const { flush, ends } = controlledFlush();
  for (let count = 1; count <= 3; count++) {
    const flushing = flush();
    expect(ends).toHaveLength(count);
    ends[count - 1]?.resolve();
    await flushing;
  }
});
