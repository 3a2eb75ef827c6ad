// Waiting and acknowledging, through HTTP. spec: wire-protocol 9.23, 9.24
import type { JsonObject } from '@puffo/base';
import { createEnvelopeId, getEndpoint, parseAnswer } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextSeq } from '../src/db/next-seq.ts';
import { findPending, listWaiting, makeChannel, makeEnvelope, type TestChannel } from './kit/test-conversation.ts';
import { random, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { startScene } from './kit/test-scene.ts';
import { DIALECTS, type TestServer } from './kit/test-server.ts';
import { insertWaiting, type WaitingMessage } from './kit/postings.ts';

describe.each(DIALECTS)('what waits on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;
  let bob: TestPerson;
  let carol: TestPerson;
  let channel: TestChannel;

  beforeAll(async () => {
    ({ server, alice, bob, carol, channel } = await startScene(dialect));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('reading does not acknowledge, and only the own device can', async () => {
    const envelope = makeEnvelope(alice, { route: channel, to: [alice, bob] });
    const envelope_ids = [envelope['envelope_id'], 'no id', createEnvelopeId(random)];
    await alice.ok('POST', '/messages', envelope);
    await alice.ok('POST', '/messages/ack', { envelope_ids });
    expect(await findPending(alice, envelope['envelope_id'])).toBeUndefined();
    expect(await findPending(bob, envelope['envelope_id'])).toBeDefined();
    expect(await findPending(bob, envelope['envelope_id'])).toBeDefined();
    expect(await bob.ok('POST', '/messages/ack', { envelope_ids })).toEqual({ ok: true });
    expect(await bob.ok('POST', '/messages/ack', { envelope_ids })).toEqual({ ok: true });
    expect(await findPending(bob, envelope['envelope_id'])).toBeUndefined();
  });

  test('the device key may ask too', async () => {
    const device = { slug: bob.slug, signerId: bob.deviceId, signingKey: bob.identity.deviceKey };
    expect((await bob.callAs(device, 'GET', '/messages/pending')).body).toEqual(
      await bob.ok('GET', '/messages/pending'),
    );
  });

  test('what waits can be narrowed to direct messages of one sender', async () => {
    const grace = await signUp(server, 'grace');
    const place = await makeChannel(server, [alice, carol, grace]);
    const route = { kind: 'dm', recipientSlug: grace.slug } as const;
    for (const sender of [alice, carol]) {
      await sender.ok('POST', '/messages', makeEnvelope(sender, { route: place, to: [grace] }));
      await sender.ok('POST', '/messages', makeEnvelope(sender, { route, to: [grace] }));
    }
    expect(await listWaiting(grace)).toHaveLength(4);
    expect(await listWaiting(grace, '?kind=dm')).toHaveLength(2);
    const [only, ...rest] = await listWaiting(grace, `?kind=dm&sender=${carol.slug}`);
    expect(rest).toEqual([]);
    expect(only?.['envelope']).toMatchObject({ sender_slug: carol.slug, envelope_kind: 'dm' });
    expect((await grace.call('GET', '/messages/pending?kind=other')).status).toBe(400);
  });

  test('a long list is complete, ascending and without repetitions', async () => {
    const heidi = await signUp(server, 'heidi');
    const count = 1700;
    await fillQueue(server, heidi, count);
    const items = await listWaiting(heidi);
    const numbers = items.map((item) => Number(item['seq']));
    expect(numbers).toHaveLength(count);
    expect(numbers).toEqual([...new Set(numbers)].sort((left, right) => left - right));
    const parsed = parseAnswer(getEndpoint('listPending'), { messages: [...items] });
    expect(parsed.messages.unreadable).toBe(0);
  });
});

/** Writes messages straight into the tables, numbered as if they had been sent. */
function fillQueue(server: TestServer, person: TestPerson, count: number): Promise<void> {
  return server.context.database.write(async (transaction) => {
    const last = await nextSeq(transaction, 'messages', count);
    const first = last - count + 1;
    await insertWaiting(
      transaction,
      Array.from({ length: count }, (_, index) => waitingMessage(person, first + index)),
    );
  });
}

function waitingMessage(person: TestPerson, seq: number): WaitingMessage {
  const route = { kind: 'dm', recipientSlug: person.slug } as const;
  const envelope = makeEnvelope(person, { route, to: [person] });
  const envelope_id = textOf(envelope['envelope_id']);
  const [entry] = envelope['recipients'] as readonly JsonObject[];
  const times = { sent_at: 0, received_at: person.server.clock.now };
  const place = { kind: 'dm' as const, space_id: null, channel_id: null, recipient_slug: person.slug };
  const text = JSON.stringify({ ...envelope, recipients: [] });
  return {
    row: { envelope_id, seq, sender_slug: person.slug, ...place, ...times, envelope: text, content_hash: '' },
    deviceId: person.deviceId,
    entry: JSON.stringify(entry),
  };
}
