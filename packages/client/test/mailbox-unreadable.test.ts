import { afterEach, describe, expect, test } from 'vitest';
import { type JsonObject, seededRandom } from '@puffo/base';
import type { EnvelopeId, Slug } from '@puffo/protocol';
import { until } from './mailbox-kit/fake-time.ts';
import { alice, bob, closeAll, from, me, random, read, setUp } from './mailbox-kit/mailbox-setup.ts';
import { changed, createMember, idOf, memberOf, NOW, say } from './mailbox-kit/mailbox-world.ts';

afterEach(closeAll);

describe('what cannot be believed', () => {
  const revoked = memberOf(alice.slug, alice.keys, { random, revokedFrom: NOW - 1 });
  const stale = memberOf(alice.slug, alice.keys, { random, issuedAt: NOW - 47 * 3_600_000 });
  const stranger = createMember('stranger-0009', random);
  const toBob = { kind: 'dm', recipientSlug: bob.slug } as const;

  const cases: [string, () => Promise<JsonObject>, string, Slug | undefined][] = [
    ['sealed for others only', () => say({ from: alice, to: [bob], random }), 'no_recipient_entry', alice.slug],
    [
      'no envelope at all',
      async () => changed(await from(alice, 'x'), { type: 'plaintext_message_envelope' }),
      'envelope_invalid',
      alice.slug,
    ],
    [
      'tampered with',
      async () => changed(await from(alice, 'x'), { sent_at: NOW + 1 }),
      'aead_open_failed',
      alice.slug,
    ],
    [
      'sent on under another name',
      async () => changed(await from(alice, 'x'), { sender_slug: bob.slug }),
      'aead_open_failed',
      bob.slug,
    ],
    [
      'said to be in another channel',
      async () => changed(await from(alice, 'x'), { channel_id: 'ch_00000000-1ce4-497e-930f-bac3583e371e' }),
      'aead_open_failed',
      alice.slug,
    ],
    [
      'a direct message to somebody else',
      () => say({ from: alice, to: [me], random, route: toBob }),
      'not_addressed',
      alice.slug,
    ],
    ['signed by a revoked device', () => from(revoked, 'x'), 'device_revoked', alice.slug],
    ['signed by an expired subkey', () => from(stale, 'x'), 'subkey_expired', alice.slug],
    ['vouched for by another root', () => from(bob, 'x'), 'changed-root', bob.slug],
    ['without a sender', async () => ({ envelope_id: idOf(await from(alice, 'x')) }), 'envelope_invalid', undefined],
  ];

  test.each(cases)(
    '%s is handed over without words, and does not hold up others',
    async (_name, make, reason, sender) => {
      const world = setUp();
      for (const member of [revoked, stale]) world.directory.know(member);
      world.directory.pins.set(bob.slug, stranger.keys.rootKey.verifyKey.publicKey);
      // As if written two hours after the subkey was issued, and long before now.
      const envelope = await make();
      world.server.post(envelope);
      world.server.post(await from(alice, 'after it'));
      const reading = read(world.open(), world);
      world.connection.open();
      await until(() => reading.words.length === 2);
      expect(reading.words).toEqual([reason, 'after it']);
      expect(reading.inbound[0]).toMatchObject({ kind: 'unreadable', senderSlug: sender, envelope, seq: 1 });
      await world.time.advance(5);
      expect(world.server.pending.size).toBe(0);
    },
  );

  test('a message that was sealed again under another id is a replay: before, now, and at the same time', async () => {
    const world = setUp();
    const seed = () => seededRandom(99);
    const first = await say({ from: alice, to: [me], random: seed(), content: 'pay' });
    const again = await say({ from: alice, to: [me], random: withFirstBytes(seed()), content: 'pay' });
    expect(idOf(first)).not.toBe(idOf(again));
    world.server.post(first);
    world.server.post(again);
    const reading = read(world.open(), world, false);
    world.connection.open();
    await until(() => reading.words.length === 2);
    expect(reading.words).toEqual(['pay', 'replay']);

    const later = setUp();
    const [message] = reading.inbound;
    later.store.commit(idOf(first), message?.kind === 'message' ? message.message : undefined);
    later.server.post(again);
    const laterReading = read(later.open(), later);
    later.connection.open();
    await until(() => laterReading.words.length === 1);
    expect(laterReading.words).toEqual(['replay']);
  });

  test('what has no id is passed over', async () => {
    const world = setUp();
    world.server.pending.set('broken' as EnvelopeId, { seq: 1, envelope: { type: 'message_envelope' } });
    world.server.post(await from(alice, 'one'), 2);
    const reading = read(world.open(), world);
    world.connection.open();
    await until(() => reading.words.length === 1);
    expect(reading.words).toEqual(['one']);
  });

  test('a root that nobody saw before is pinned, and holds from then on', async () => {
    const world = setUp();
    const impostor = createMember('bob-0003', random);
    world.directory.know(impostor);
    world.server.post(await from(bob, 'I am Bob'));
    world.server.post(await from(impostor, 'no, I am'));
    const reading = read(world.open(), world);
    world.connection.open();
    await until(() => reading.words.length === 2);
    expect(reading.words).toEqual(['I am Bob', 'changed-root']);
    expect(world.directory.pins.get(bob.slug)).toBe(bob.keys.rootKey.verifyKey.publicKey);
  });
});

/** The same randomness but for the envelope id, which is drawn first. */
function withFirstBytes(source: ReturnType<typeof seededRandom>) {
  let isFirst = true;
  return {
    bytes(length: number) {
      const bytes = source.bytes(length);
      if (isFirst) bytes[0] = (bytes[0] ?? 0) ^ 1;
      isFirst = false;
      return bytes;
    },
  };
}
