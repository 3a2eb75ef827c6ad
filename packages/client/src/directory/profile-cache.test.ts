import { LIMITS, parseSlug } from '@puffo/protocol';
import { beforeEach, expect, test } from 'vitest';
import {
  createFakeServer,
  type FakeServer,
  openTestDirectory,
  type TestDirectory,
} from '../../test/kit/fake-cert-server.ts';
import { createTestIdentity } from '../../test/kit/test-identity.ts';
import { ClientError } from '../client-error.ts';
import { createMemoryDirectoryStore } from '../memory/memory-directory-store.ts';

const YOUNG_MS = 10 * 60_000;
const alice = createTestIdentity('alice-0001');
const bob = parseSlug('bob-0002');
const unreachable = new ClientError('Cannot call', { code: 'unreachable', retryable: true });

let server: FakeServer;
let opened: TestDirectory;

beforeEach(() => {
  server = createFakeServer();
  server.profiles.push({ slug: alice.slug, display_name: 'Alice' }, { slug: bob, display_name: 'Bob' });
  opened = openTestDirectory(server, { own: alice });
});

test('gives those that exist, and asks again when they are no longer young', async () => {
  const nobody = parseSlug('nobody-1');
  const names = async () => {
    const profiles = await opened.directory.getProfiles([alice.slug, nobody, bob, bob]);
    return Array.from(profiles.values(), (profile) => profile.display_name);
  };
  expect(await names()).toEqual(['Alice', 'Bob']);
  server.profiles[0] = { slug: alice.slug, display_name: 'Alice Liddell' };
  opened.clock.now += 4999;
  expect(await names()).toEqual(['Alice', 'Bob']);
  expect(server.profileQuestions).toEqual([[alice.slug, nobody, bob]]);
  opened.clock.now += 1;
  await names();
  expect(server.profileQuestions.at(-1)).toEqual([nobody]);
  opened.clock.now += YOUNG_MS;
  expect(await names()).toEqual(['Alice Liddell', 'Bob']);
});

test('keeps them for the next run', async () => {
  await opened.directory.getProfiles([bob]);
  const next = openTestDirectory(server, { own: alice, store: opened.store });
  expect((await next.directory.getProfiles([bob])).get(bob)?.display_name).toBe('Bob');
  expect(server.profileQuestions).toHaveLength(1);
});

test('shares one request between callers, and asks for a hundred at a time', async () => {
  await Promise.all([opened.directory.getProfiles([bob]), opened.directory.getProfiles([bob])]);
  expect(server.profileQuestions).toEqual([[bob]]);
  const many = Array.from({ length: LIMITS.slugsPerRequest + 1 }, (_, index) => parseSlug(`many-${index}`));
  await opened.directory.getProfiles(many);
  expect(server.profileQuestions.map((slugs) => slugs.length)).toEqual([1, 100, 1]);
});

test('prefers an old one to none when the server fails', async () => {
  await opened.directory.getProfiles([bob]);
  opened.clock.now += YOUNG_MS;
  server.failure = unreachable;
  expect((await opened.directory.getProfiles([bob])).get(bob)?.display_name).toBe('Bob');
  expect(opened.logged.map(({ event }) => event)).toContain('directory.profiles-stale');
  await expect(opened.directory.getProfiles([bob, alice.slug])).rejects.toBe(unreachable);
});

test('takes nothing that it did not ask for, and no text without an end', async () => {
  server.profiles[1] = { slug: bob, bio: 'x'.repeat(100_000) };
  server.givesAllProfiles = true;
  const profiles = await opened.directory.getProfiles([bob]);
  expect(Array.from(profiles.keys())).toEqual([bob]);
  expect(profiles.get(bob)?.bio).toHaveLength(LIMITS.soulCharacters);
  expect((await opened.store.loadProfiles([alice.slug])).size).toBe(0);
});

test('works when it cannot keep them', async () => {
  const failing = new ClientError('Cannot write', { code: 'store-failed' });
  const store = { ...createMemoryDirectoryStore(), saveProfiles: () => Promise.reject(failing) };
  const { directory, logged } = openTestDirectory(server, { own: alice, store });
  expect((await directory.getProfiles([bob])).size).toBe(1);
  expect(logged.map(({ event }) => event)).toEqual(['directory.profiles-not-kept']);
});
