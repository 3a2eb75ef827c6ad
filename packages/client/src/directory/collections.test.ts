import { parseSlug } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { createBoundedMap } from './bounded-map.ts';
import { groupForSync } from './group-for-sync.ts';
import { createSharedBatches } from './shared-batches.ts';

describe('a bounded map', () => {
  test('forgets what was not used for the longest time', () => {
    const map = createBoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
    map.set('a', 4);
    map.delete('c');
    expect([map.get('a'), map.get('c')]).toEqual([4, undefined]);
    map.clear();
    expect(map.get('a')).toBeUndefined();
  });
});

describe('shared batches', () => {
  test('give each key to one worker, and everybody the outcome', async () => {
    const batches = createSharedBatches<string>();
    const worked: (readonly string[])[] = [];
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const work = (keys: readonly string[]): Promise<void> => {
      worked.push(keys);
      return gate;
    };
    const running = [batches.run(['a', 'b'], work), batches.run(['b', 'c'], work), batches.run(['a'], work)];
    expect(worked).toEqual([['a', 'b'], ['c']]);
    expect(batches.isRunning('c')).toBe(true);
    finish();
    await Promise.all(running);
    expect(batches.isRunning('c')).toBe(false);
  });

  test('fail for all who waited, and are done afterwards', async () => {
    const batches = createSharedBatches<string>();
    let worked = 0;
    const fail = async (): Promise<void> => {
      worked += 1;
      await Promise.resolve();
      throw new TypeError('broken');
    };
    const outcomes = [batches.run(['a'], fail), batches.run(['a'], fail)];
    await batches.settled('a');
    expect((await Promise.allSettled(outcomes)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(worked).toBe(1);
    await batches.run(['a'], () => Promise.resolve());
  });
});

describe('groupForSync', () => {
  test('keeps those never read among themselves, and others with those read about as far', () => {
    const slugOf = (number: number) => parseSlug(`slug-${number}`);
    const read = Array.from({ length: 150 }, (_, index) => ({ slug: slugOf(index), syncedThrough: 1000 - index }));
    const unread = Array.from({ length: 2 }, (_, index) => ({ slug: slugOf(200 + index), syncedThrough: 0 }));
    const groups = groupForSync([...read, ...unread]);
    expect(groups.map(({ slugs, since }) => [slugs.length, since])).toEqual([
      [2, 0],
      [100, 851],
      [50, 951],
    ]);
    expect(groupForSync([])).toEqual([]);
  });
});
