// The stores that outlive the process do what those in memory do.
import { describe, expect, test } from 'vitest';
import type { CertEntry, ProfileEntry, Slug } from '@puffo/protocol';
import type { DirectoryStore, OutboxStore } from '@puffo/client';
import { createMemoryDirectoryStore } from '../../src/memory/memory-directory-store.ts';
import { createMemoryOutboxStore } from '../../src/memory/memory-outbox-store.ts';
import { ALICE, BOB, NOW, openRecord, outgoing } from './kit.ts';

interface Stores extends AsyncDisposable {
  readonly outbox: OutboxStore;
  readonly directory: DirectoryStore;
  /** As after a restart; in memory, nothing happens. */
  reopen(): Promise<Stores>;
}

const KINDS: readonly (readonly [string, () => Promise<Stores>])[] = [
  [
    'in memory',
    () => {
      const stores: Stores = {
        outbox: createMemoryOutboxStore(),
        directory: createMemoryDirectoryStore(),
        reopen: () => Promise.resolve(stores),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
      return Promise.resolve(stores);
    },
  ],
  [
    'in SQLite',
    async () => {
      const record = await openRecord();
      const close = () => record[Symbol.asyncDispose]();
      const reopen = async (): Promise<Stores> => ({
        ...(await record.reopen()),
        reopen,
        [Symbol.asyncDispose]: close,
      });
      return { ...record.database, reopen, [Symbol.asyncDispose]: close };
    },
  ],
];

describe.each(KINDS)('an outbox %s', (_, openStores) => {
  test('gives back what was added, whole, also later', async () => {
    await using stores = await openStores();
    const row = outgoing({
      idempotencyKey: 'once',
      route: { kind: 'dm', recipientSlug: BOB },
      content: { text: 'grüß', list: [null, 1] },
      threadRootId: outgoing().envelopeId,
      replyToId: outgoing().envelopeId,
      isVisibleToHuman: false,
    });
    const plain = outgoing();
    expect([await stores.outbox.add(row), await stores.outbox.add(plain)]).toEqual([row, plain]);
    const { outbox } = await stores.reopen();
    expect([await outbox.find(row.envelopeId), await outbox.find(plain.envelopeId)]).toEqual([row, plain]);
    expect(await outbox.find(outgoing().envelopeId)).toBeUndefined();
  });

  test('has one row for a key, and any number without one', async () => {
    await using stores = await openStores();
    const { outbox } = stores;
    const first = outgoing({ idempotencyKey: 'once', content: 'first' });
    const [one, two] = await Promise.all([
      outbox.add(first),
      outbox.add(outgoing({ idempotencyKey: 'once', content: 'second' })),
      outbox.add(outgoing()),
      outbox.add(outgoing()),
    ]);
    expect([one, two]).toEqual([first, first]);
    expect(await outbox.listQueued()).toHaveLength(3);
  });

  test('changes what is given and nothing else', async () => {
    await using stores = await openStores();
    const row = outgoing({ idempotencyKey: 'once', threadRootId: outgoing().envelopeId });
    await stores.outbox.add(row);
    const sealed = { envelope: { type: 'message_envelope', recipients: [{ device_id: 'a' }] }, contentKey: 'secret' };
    await stores.outbox.update(row.envelopeId, { sealed, attempts: 2 });
    await stores.outbox.update(row.envelopeId, {});
    expect(await (await stores.reopen()).outbox.find(row.envelopeId)).toEqual({ ...row, sealed, attempts: 2 });
    const { outbox } = await stores.reopen();
    const end = { state: 'failed', seq: 4, failure: 'refused', sealed: null, threadRootId: null } as const;
    await outbox.update(row.envelopeId, end);
    expect(await outbox.find(row.envelopeId)).toEqual({ ...row, ...end, attempts: 2 });
  });

  test('lists what is queued in the order in which it was added', async () => {
    await using stores = await openStores();
    const rows = Array.from({ length: 6 }, (_unused, index) => outgoing({ createdAt: NOW - index }));
    for (const row of rows) await stores.outbox.add(row);
    await stores.outbox.update(rows[1]!.envelopeId, { state: 'sent', seq: 9 });
    await stores.outbox.update(rows[4]!.envelopeId, { state: 'failed', failure: 'refused' });
    await stores.outbox.update(rows[0]!.envelopeId, { attempts: 3 });
    const queued = (await (await stores.reopen()).outbox.listQueued()).map(({ envelopeId }) => envelopeId);
    expect(queued).toEqual([0, 2, 3, 5].map((index) => rows[index]?.envelopeId));
  });
});

test('an outbox in SQLite does not lose a change silently', async () => {
  await using record = await openRecord();
  const { envelopeId } = outgoing();
  await expect(record.database.outbox.update(envelopeId, { attempts: 1 })).rejects.toMatchObject({
    code: 'store-failed',
  });
});

describe.each(KINDS)('a directory %s', (_, openStores) => {
  test('keeps certificates of a slug in the order of their numbers, member for member', async () => {
    await using stores = await openStores();
    const { directory } = stores;
    expect(await directory.loadCerts(ALICE)).toEqual({ entries: [], syncedThrough: 0 });
    const [first, second, third] = [certOf(3, ALICE), certOf(10, undefined), certOf(20, ALICE)];
    await directory.addCerts(ALICE, { entries: [third], syncedThrough: 0 });
    await directory.addCerts(ALICE, { entries: [first, third, second], syncedThrough: 15 });
    await directory.addCerts(BOB, { entries: [certOf(4, BOB)], syncedThrough: 4 });
    const { entries, syncedThrough } = await (await stores.reopen()).directory.loadCerts(ALICE);
    expect(entries).toEqual([first, second, third]);
    expect(JSON.stringify(entries[0]?.cert)).toBe(JSON.stringify(first.cert));
    expect(syncedThrough).toBe(15);
  });

  test('keeps two certificates that were given one number', async () => {
    await using stores = await openStores();
    const [one, other] = [certOf(3, ALICE), { ...certOf(3, ALICE), cert: { other: true } }];
    await stores.directory.addCerts(ALICE, { entries: [one, other, one], syncedThrough: 3 });
    expect((await stores.directory.loadCerts(ALICE)).entries).toEqual([one, other]);
  });

  test('raises how far it is synced, and never lowers it', async () => {
    await using stores = await openStores();
    for (const syncedThrough of [5, 3]) await stores.directory.addCerts(ALICE, { entries: [], syncedThrough });
    expect((await stores.directory.loadCerts(ALICE)).syncedThrough).toBe(5);
  });

  test('keeps the first pin, whoever comes after, until a person decides', async () => {
    await using stores = await openStores();
    const { directory } = stores;
    expect(await directory.findPin(ALICE)).toBeUndefined();
    expect(await Promise.all(['first', 'second'].map((root) => directory.pin(ALICE, root)))).toEqual([
      'first',
      'first',
    ]);
    expect(await directory.pin(BOB, 'other')).toBe('other');
    const again = (await stores.reopen()).directory;
    expect(await again.findPin(ALICE)).toBe('first');
    await again.replacePin(ALICE, 'third');
    expect([await again.findPin(ALICE), await again.findPin(BOB)]).toEqual(['third', 'other']);
  });

  test('can replace a pin that is not there', async () => {
    await using stores = await openStores();
    await stores.directory.replacePin(ALICE, 'root');
    expect(await stores.directory.findPin(ALICE)).toBe('root');
  });

  test('keeps the last profile of each, and leaves out who is not known', async () => {
    await using stores = await openStores();
    const { directory } = stores;
    const [old, young, bob] = [profileOf(ALICE, 'old'), profileOf(ALICE, 'young'), profileOf(BOB, 'bob')];
    await directory.saveProfiles([
      { profile: old, fetchedAt: 1 },
      { profile: bob, fetchedAt: 2 },
    ]);
    await directory.saveProfiles([{ profile: young, fetchedAt: 3 }]);
    const again = (await stores.reopen()).directory;
    const found = await again.loadProfiles([ALICE, 'nobody-0000' as Slug]);
    expect([...found]).toEqual([[ALICE, { profile: young, fetchedAt: 3 }]]);
    expect((await again.loadProfiles([])).size).toBe(0);
  });
});

function certOf(seq: number, slug: Slug | undefined): CertEntry {
  return { seq, kind: 'device_cert', slug, cert: { z: 1, a: [seq, { unknown: 'grüß' }], empty: null } };
}

function profileOf(slug: Slug, name: string): ProfileEntry {
  return {
    slug,
    username: undefined,
    display_name: name,
    avatar_url: '',
    bio: undefined,
    role: undefined,
    role_short: undefined,
    soul: undefined,
    identity_type: 'human',
    owner_slug: undefined,
    profile_updated_at: 5,
  };
}
