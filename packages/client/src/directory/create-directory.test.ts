import { nextTask } from '@puffo/base';
import { issueOperatorRevocation, issueSlugBinding, judgeDevice, LIMITS, parseSlug } from '@puffo/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createFakeServer,
  type FakeServer,
  openTestDirectory,
  refusalsOf,
  type TestDirectory,
} from '../../test/kit/fake-cert-server.ts';
import {
  createDevice,
  createTestIdentity,
  entryOf,
  HOUR_MS,
  NOW,
  random,
  revokeDevice,
} from '../../test/kit/test-identity.ts';
import { ClientError } from '../client-error.ts';
import { createMemoryDirectoryStore } from '../memory/memory-directory-store.ts';

const alice = createTestIdentity('alice-0001');
const bob = createTestIdentity('bob-0002');
const helper = createTestIdentity('helper-0003', { operator: alice });
const mallory = createTestIdentity('mallory-0004');

let server: FakeServer;
let opened: TestDirectory;

beforeEach(() => {
  server = createFakeServer();
  opened = openTestDirectory(server, { own: alice });
});

describe('getPeople', () => {
  test('verifies people and agents, and pins their roots', async () => {
    server.register(alice, helper);
    const { people, problems } = await opened.directory.getPeople([alice.slug, helper.slug, alice.slug]);
    expect(problems).toEqual([]);
    expect(Array.from(people.keys())).toEqual([alice.slug, helper.slug]);
    expect(people.get(helper.slug)?.identity.operatorKey?.publicKey).toBe(alice.root);
    expect(people.get(helper.slug)?.devices.map(({ deviceId }) => deviceId)).toEqual([helper.deviceId]);
    expect(await opened.store.findPin(helper.slug)).toBe(helper.root);
    expect(server.questions).toEqual([{ slugs: [alice.slug, helper.slug], since: 0 }]);
  });

  test('says of whom nothing is known', async () => {
    const { people, problems } = await opened.directory.getPeople([bob.slug]);
    expect(people.size).toBe(0);
    expect(problems).toMatchObject([{ slug: bob.slug, code: 'unknown-person' }]);
    expect(await opened.store.findPin(bob.slug)).toBeUndefined();
  });

  test('knows one whose operator revoked it, with no device to send to', async () => {
    server.register(helper);
    const revoked = { agentKey: helper.rootKey.verifyKey, issuedAt: NOW, effectiveFrom: NOW, random };
    server.list(helper.slug, [['operator_revocation', issueOperatorRevocation(alice.rootKey, revoked)]]);
    const { people } = await opened.directory.getPeople([helper.slug]);
    const reasons = people.get(helper.slug)?.devices.map((device) => judgeDevice(device, NOW));
    expect(reasons).toMatchObject([{ kind: 'refused', reason: 'operator_revoked' }]);
  });

  test('finds the attestation that counts among others', async () => {
    server.list(helper.slug, createTestIdentity('other-0005', { operator: mallory }).certs.slice(-1));
    server.register(helper);
    expect((await opened.directory.getPeople([helper.slug])).people.size).toBe(1);
  });

  test('asks for many in requests of a hundred, and reads all pages', async () => {
    const slugs = Array.from({ length: LIMITS.slugsPerRequest + 1 }, (_, index) => parseSlug(`nobody-${index}`));
    server.register(alice);
    server.pageSize = 1;
    const { people } = await opened.directory.getPeople([...slugs, alice.slug]);
    expect(Array.from(people.keys())).toEqual([alice.slug]);
    expect(server.questions.map((question) => [question.slugs.length, question.since])).toEqual([
      [100, 0],
      [2, 0],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
  });

  test('asks once for what several callers want at a time', async () => {
    server.register(alice, bob);
    const answers = await Promise.all([
      opened.directory.getPeople([alice.slug, bob.slug]),
      opened.directory.getPeople([bob.slug]),
    ]);
    expect(answers.map(({ people }) => people.size)).toEqual([2, 1]);
    expect(server.questions.flatMap(({ slugs }) => slugs).sort()).toEqual([alice.slug, bob.slug]);
  });

  test('goes on where an earlier run stopped', async () => {
    server.register(alice);
    await opened.directory.getPeople([alice.slug]);
    const next = openTestDirectory(server, { own: alice, store: opened.store });
    expect((await next.directory.getPeople([alice.slug])).people.size).toBe(1);
    expect(server.questions.at(-1)).toEqual({ slugs: [alice.slug], since: 4 });
  });

  test.each([
    ['for a minute without a connection', false, 59_999, 1],
    ['not longer without a connection', false, 60_000, 2],
    ['with a connection, as changes are pushed', true, 5 * 60_000, 1],
    ['with a connection not for ever, as a notice may be lost', true, 10 * 60_000, 2],
  ])('uses what it read %s', async (_name, isConnected, ageMs, questions) => {
    server.register(alice);
    opened.directory.setConnected(isConnected);
    await opened.directory.getPeople([alice.slug]);
    opened.clock.now += ageMs;
    await opened.directory.getPeople([alice.slug]);
    expect(server.questions).toHaveLength(questions);
  });

  test('asks again on a new connection, as something may have happened between the two', async () => {
    server.register(alice);
    opened.directory.setConnected(true);
    await opened.directory.getPeople([alice.slug]);
    opened.clock.now += 2 * 60_000;
    opened.directory.setConnected(false);
    opened.directory.setConnected(true);
    await opened.directory.getPeople([alice.slug]);
    expect(server.questions).toHaveLength(2);
  });

  test('asks again when the caller knows that something is missing, not content with what is under way', async () => {
    server.register(alice);
    opened.directory.setConnected(true);
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => (open = resolve));
    const earlier = opened.directory.getPeople([alice.slug]);
    await expect.poll(() => server.questions.length).toBe(1);
    const phone = createDevice(alice);
    server.list(alice.slug, phone.certs);
    const found = opened.directory.getPeople([alice.slug], { isFresh: true });
    await nextTask();
    open();
    expect((await earlier).people.get(alice.slug)?.devices).toHaveLength(1);
    expect((await found).people.get(alice.slug)?.devices).toHaveLength(2);
  });

  test('reads nothing twice although its own entries ended earlier', async () => {
    server.register(alice, bob);
    await opened.directory.getPeople([alice.slug, bob.slug]);
    server.list(bob.slug, createDevice(bob).certs);
    opened.clock.now += 60_000;
    await opened.directory.getPeople([alice.slug, bob.slug]);
    opened.clock.now += 60_000;
    await opened.directory.getPeople([alice.slug, bob.slug]);
    expect(server.questions.map(({ since }) => since)).toEqual([0, 8, 10]);
  });

  test('trusts no age when the clock was set back', async () => {
    server.register(alice);
    await opened.directory.getPeople([alice.slug]);
    opened.clock.now -= HOUR_MS;
    await opened.directory.getPeople([alice.slug]);
    expect(server.questions).toHaveLength(2);
  });

  test('asks soon again for somebody who was not there', async () => {
    opened.directory.setConnected(true);
    await opened.directory.getPeople([bob.slug]);
    server.register(bob);
    opened.clock.now += 4999;
    expect((await opened.directory.getPeople([bob.slug])).people.size).toBe(0);
    opened.clock.now += 1;
    expect((await opened.directory.getPeople([bob.slug])).people.size).toBe(1);
  });

  test('fails while the server cannot be asked, and works afterwards', async () => {
    server.register(alice);
    server.failure = new ClientError('Cannot call', { code: 'unreachable', retryable: true });
    await expect(opened.directory.getPeople([alice.slug])).rejects.toMatchObject({ code: 'unreachable' });
    server.failure = undefined;
    expect((await opened.directory.getPeople([alice.slug])).people.size).toBe(1);
  });

  test('reads entries that do not say whose they are, one slug at a time', async () => {
    server.list(undefined, alice.certs);
    server.answer = ({ slugs }) => ({ entries: slugs.includes(alice.slug) ? server.entries : [], has_more: false });
    const { people, problems } = await opened.directory.getPeople([bob.slug, alice.slug]);
    expect(Array.from(people.keys())).toEqual([alice.slug]);
    expect(problems).toMatchObject([{ slug: bob.slug, code: 'unknown-person' }]);
  });

  test('passes over kinds that it does not know', async () => {
    server.register(alice);
    server.entries.push({ seq: 90, kind: 'newer_cert', slug: alice.slug, cert: {} });
    expect((await opened.directory.getPeople([alice.slug])).people.size).toBe(1);
    expect((await opened.store.loadCerts(alice.slug)).entries).toHaveLength(4);
  });
});

describe('roots', () => {
  test('trusts the pinned root where two claim a slug, and tells about the other once', async () => {
    server.register(alice);
    await opened.directory.getPeople([alice.slug]);
    claimSlugOf(alice.slug);
    opened.clock.now += 60_000;
    const { people, problems } = await opened.directory.getPeople([alice.slug]);
    expect(problems).toEqual([]);
    expect(people.get(alice.slug)?.identity.rootKey.publicKey).toBe(alice.root);
    await opened.directory.getPeople([alice.slug]);
    const changed = { kind: 'changed-root', slug: alice.slug, pinnedRoot: alice.root, foundRoot: mallory.root };
    expect(opened.alerts).toEqual([changed]);
    // The devices of one are no news to the other.
    expect(refusalsOf(opened)).toEqual([]);
  });

  test('believes nobody where two claim a slug that is not pinned', async () => {
    server.register(alice);
    claimSlugOf(alice.slug);
    const { people, problems } = await opened.directory.getPeople([alice.slug]);
    expect(people.size).toBe(0);
    expect(problems).toMatchObject([{ code: 'untrusted' }]);
    expect(await opened.directory.findSubkey(alice.slug, alice.subkeyId)).toBeUndefined();
    expect(await opened.store.findPin(alice.slug)).toBeUndefined();
  });

  test('refuses a root that is not the pinned one, also after a person was asked to compare', async () => {
    await opened.store.pin(alice.slug, bob.root);
    server.register(alice);
    const { problems } = await opened.directory.getPeople([alice.slug]);
    expect(problems).toMatchObject([{ code: 'changed-root' }]);
    await opened.store.replacePin(alice.slug, alice.root);
    expect((await opened.directory.getPeople([alice.slug])).people.size).toBe(1);
  });

  test('takes the own root from the own keys, whatever is stored', async () => {
    const store = createMemoryDirectoryStore();
    await store.pin(alice.slug, mallory.root);
    const own = openTestDirectory(server, { own: alice, store, ownRootPublicKey: alice.root });
    server.register(alice);
    expect((await own.directory.getPeople([alice.slug])).people.size).toBe(1);
    expect(await own.directory.findPin(alice.slug)).toBe(alice.root);
    expect(await own.directory.findPin(bob.slug)).toBeUndefined();
  });

  test('pins for a caller only what is not pinned, and tells when it differs', async () => {
    server.register(alice);
    const subkey = await opened.directory.findSubkey(alice.slug, alice.subkeyId);
    const identity = subkey!.device.identity;
    expect(await opened.directory.pinOnFirstUse(identity)).toBe(alice.root);
    await opened.store.replacePin(alice.slug, bob.root);
    expect(await opened.directory.pinOnFirstUse(identity)).toBe(bob.root);
    expect(opened.alerts).toMatchObject([{ kind: 'changed-root', foundRoot: alice.root, pinnedRoot: bob.root }]);
  });
});

describe('what is pushed', () => {
  beforeEach(async () => {
    server.register(alice, bob);
    opened.directory.setConnected(true);
    await opened.directory.getPeople([alice.slug]);
  });

  test('counts at once, and is kept', async () => {
    await opened.directory.noteCert(entryOf(alice.slug, revokeDevice(alice, alice.deviceId), 99));
    const { people } = await opened.directory.getPeople([alice.slug]);
    expect(people.get(alice.slug)?.devices).toMatchObject([{ revokedFrom: NOW }]);
    expect(opened.alerts).toEqual([{ kind: 'revoked-device', slug: alice.slug, deviceId: alice.deviceId }]);
    expect((await opened.store.loadCerts(alice.slug)).entries).toHaveLength(5);
    expect(server.questions).toHaveLength(1);
  });

  test('does not hide what lies before it', async () => {
    server.list(bob.slug, [revokeDevice(bob, bob.deviceId)]);
    const phone = createDevice(alice);
    await opened.directory.noteCert(entryOf(alice.slug, phone.certs[0]!, 99));
    expect((await opened.store.loadCerts(alice.slug)).syncedThrough).toBe(4);
  });

  test('of somebody nobody asked for is not kept', async () => {
    await opened.directory.noteCert(entryOf(bob.slug, bob.certs[0]!, 99));
    expect((await opened.store.loadCerts(bob.slug)).entries).toEqual([]);
  });

  test('without a name makes everything be asked for again', async () => {
    await opened.directory.noteCert({ ...entryOf(bob.slug, bob.certs[0]!, 99), slug: undefined });
    await opened.directory.getPeople([alice.slug]);
    expect(server.questions).toHaveLength(2);
  });
});

describe('alerts', () => {
  test('tell of new and revoked devices of those who were known, also from an earlier run', async () => {
    server.register(alice, bob);
    await opened.directory.getPeople([alice.slug, bob.slug]);
    expect(opened.alerts).toEqual([]);
    const phone = createDevice(alice);
    server.list(alice.slug, [...phone.certs, revokeDevice(alice, alice.deviceId)]);
    const next = openTestDirectory(server, { own: alice, store: opened.store });
    await next.directory.getPeople([alice.slug, bob.slug]);
    expect(next.alerts).toEqual([
      { kind: 'revoked-device', slug: alice.slug, deviceId: alice.deviceId },
      { kind: 'new-device', slug: alice.slug, deviceId: phone.deviceId },
    ]);
  });

  test('say nothing about the devices of a first reading, however many pages it has', async () => {
    server.register(alice);
    server.list(alice.slug, createDevice(alice).certs);
    server.pageSize = 1;
    const own = openTestDirectory(server, { own: alice, ownRootPublicKey: alice.root });
    const { people } = await own.directory.getPeople([alice.slug]);
    expect(people.get(alice.slug)?.devices).toHaveLength(2);
    expect(own.alerts).toEqual([]);
  });

  test('say nothing about devices that do not verify', async () => {
    server.register(alice);
    await opened.directory.getPeople([alice.slug]);
    server.list(alice.slug, createDevice(mallory).certs);
    opened.clock.now += 60_000;
    await opened.directory.getPeople([alice.slug]);
    expect(opened.alerts).toEqual([]);
    expect(refusalsOf(opened)).toEqual(['root_mismatch']);
  });

  test('reach the others when one listener fails, and nobody who stopped listening', async () => {
    const stop = opened.directory.onAlert(() => {
      throw new TypeError('broken');
    });
    const later: string[] = [];
    opened.directory.onAlert(({ kind }) => later.push(kind));
    await opened.store.pin(alice.slug, bob.root);
    server.register(alice);
    expect((await opened.directory.getPeople([alice.slug])).problems).toHaveLength(1);
    expect(later).toEqual(['changed-root']);
    expect(opened.logged).toContainEqual({ event: 'directory.listener-failed', fields: { reason: 'TypeError' } });
    stop();
  });
});

/** mallory's root signs that the slug is its own. */
function claimSlugOf(slug: typeof alice.slug): void {
  const slugBinding = issueSlugBinding(mallory.rootKey, { slug, issuedAt: NOW });
  server.list(slug, [
    ['identity_cert', mallory.identityCert],
    ['slug_binding', slugBinding],
    ...mallory.certs.slice(2),
  ]);
}
