import { createDeferred } from '@puffo/base';
import { expect, test, vi } from 'vitest';
import { createSilenceWatch } from './silence-watch.ts';

test('silence is noticed, and what is heard puts it off', () => {
  vi.useFakeTimers();
  try {
    let isWaiting = false;
    let count = 0;
    using watch = createSilenceWatch({ silenceMs: 100, isWaiting: () => isWaiting, onSilence: () => count++ });
    vi.advanceTimersByTime(99);
    watch.touch();
    vi.advanceTimersByTime(99);
    expect(count).toBe(0);
    isWaiting = true;
    vi.advanceTimersByTime(1000);
    expect(count).toBe(0);
    isWaiting = false;
    vi.advanceTimersByTime(100);
    expect(count).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(count).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('nothing is noticed after the end, or when nobody wants it', async () => {
  const next = createDeferred<void>();
  const watch = createSilenceWatch({
    silenceMs: 1,
    isWaiting: () => false,
    onSilence: () => next.reject(new Error('Noticed')),
  });
  watch[Symbol.dispose]();
  using _ = createSilenceWatch({
    silenceMs: 0,
    isWaiting: () => false,
    onSilence: () => next.reject(new Error('Noticed')),
  });
  setTimeout(next.resolve, 20);
  await expect(next.promise).resolves.toBeUndefined();
});
