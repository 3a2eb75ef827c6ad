import { type CertEntry, parseSlug } from '@puffo/protocol';
import { expect, test } from 'vitest';
import { createMemoryDirectoryStore } from './memory-directory-store.ts';

const slug = parseSlug('alice-0001');
const other = parseSlug('bob-0002');

function entryOf(seq: number, cert = {}): CertEntry {
  return { seq, kind: 'device_cert', slug, cert };
}

test('keeps entries once, in their order, and how far they go', async () => {
  const store = createMemoryDirectoryStore();
  await store.addCerts(slug, { entries: [entryOf(7)], syncedThrough: 7 });
  await store.addCerts(slug, { entries: [entryOf(5), entryOf(7), entryOf(5, { again: true })], syncedThrough: 6 });
  const { entries, syncedThrough } = await store.loadCerts(slug);
  expect(entries.map(({ seq }) => seq)).toEqual([5, 5, 7]);
  expect(syncedThrough).toBe(7);
  expect(await store.loadCerts(other)).toEqual({ entries: [], syncedThrough: 0 });
});

test('lets the first pin stay until a person replaces it', async () => {
  const store = createMemoryDirectoryStore();
  expect(await store.findPin(slug)).toBeUndefined();
  expect(await store.pin(slug, 'one')).toBe('one');
  expect(await store.pin(slug, 'two')).toBe('one');
  await store.replacePin(slug, 'two');
  expect(await store.findPin(slug)).toBe('two');
});

test('keeps the last profile of each', async () => {
  const store = createMemoryDirectoryStore();
  const profile = { slug } as never;
  await store.saveProfiles([{ profile, fetchedAt: 1 }]);
  await store.saveProfiles([{ profile, fetchedAt: 2 }]);
  expect(Array.from(await store.loadProfiles([slug, other]))).toEqual([[slug, { profile, fetchedAt: 2 }]]);
});
