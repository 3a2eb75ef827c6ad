import { describe, expect, it } from 'vitest';
import { createDeferred } from '@puffo/base';
import { within } from '../../src/supervisor/within.ts';

describe('within', () => {
  it('says whether it ended well in time', async () => {
    const never = createDeferred<void>();
    expect(await within(Promise.resolve(), { maxMs: 60_000 })).toBe(true);
    expect(await within(Promise.reject(new Error('no')), { maxMs: 60_000 })).toBe(false);
    expect(await within(never.promise, { maxMs: 1 })).toBe(false);
  });

  it('can be left less time', async () => {
    const never = createDeferred<void>();
    let shorten: ((maxMs: number) => void) | undefined;
    const waiting = within(never.promise, {
      maxMs: 3_600_000,
      onHurry(hurry) {
        shorten = hurry;
      },
    });
    shorten?.(1);
    expect(await waiting).toBe(false);
    shorten?.(3_600_000);
  });
});
