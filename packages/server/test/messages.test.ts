// Sending, and sending the same again, through HTTP. spec: wire-protocol 9.22
import { encodeBase64url, type JsonObject } from '@puffo/base';
import { createEnvelopeId, decodeEnvelope, type DeviceId, ENDPOINTS, LIMITS } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPosting } from '../src/messages/pending-store.ts';
import { ROUTES } from '../src/routes/index.ts';
import {
  addDevice,
  findPending,
  makeChannel,
  makeEntries,
  makeEnvelope,
  removeMember,
  type TestChannel,
} from './kit/test-conversation.ts';
import { random, type TestPerson, textOf } from './kit/test-person.ts';
import { startScene } from './kit/test-scene.ts';
import { DIALECTS, type TestServer } from './kit/test-server.ts';

/** A server that is as we want it keeps nothing readable. spec: wire-protocol 14.4 */
const LEFT_OUT = ['sendPlaintext', 'listHistory'];

test('every endpoint has one route, except those for messages that are not sealed', () => {
  const names = ROUTES.map((route) => route.name);
  expect(new Set(names).size).toBe(names.length);
  expect(ENDPOINTS.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual(LEFT_OUT);
});

describe.each(DIALECTS)('messages on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;
  let bob: TestPerson;
  let carol: TestPerson;
  let channel: TestChannel;

  beforeAll(async () => {
    ({ server, alice, bob, carol, channel } = await startScene(dialect));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe('sending', () => {
    test('queues one delivery per listed device and says which ones are missing', async () => {
      const envelope = makeEnvelope(alice, { route: channel, to: [alice] });
      const answer = await alice.call('POST', '/messages', envelope);
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        ok: true,
        envelope_id: envelope['envelope_id'],
        devices_queued: 1,
        missing_devices: [bob.deviceId],
        replay: false,
      });
      expect(answer.body['seq']).toBeGreaterThan(0);
      expect(await findPending(bob, envelope['envelope_id'])).toBeUndefined();
    });

    test('a device gets its own entry only, nulls are explicit, and unknown members are kept', async () => {
      const { recipient_slug: _, ...members } = makeEnvelope(alice, { route: channel, to: [alice, bob] });
      const [, entry] = members['recipients'] as readonly JsonObject[];
      await alice.ok('POST', '/messages', { ...members, newer: { a: [1, 'ä'] } });
      const delivered = await findPending(bob, members['envelope_id']);
      expect(delivered).toEqual({ ...members, newer: { a: [1, 'ä'] }, recipient_slug: null, recipients: [entry] });
      expect(() => decodeEnvelope(delivered)).not.toThrow();
    });

    test('the numbers ascend over all conversations', async () => {
      const first = await alice.ok('POST', '/messages', makeEnvelope(alice, { route: channel, to: [bob] }));
      const route = { kind: 'dm', recipientSlug: bob.slug } as const;
      const second = await alice.ok('POST', '/messages', makeEnvelope(alice, { route, to: [bob] }));
      expect(second['seq']).toBeGreaterThan(Number(first['seq']));
    });

    test('a message for more devices than one statement takes reaches all of them', async () => {
      const devices = await Promise.all(Array.from({ length: 130 }, () => addDevice(server, carol)));
      const crowd = await makeChannel(server, [alice, carol]);
      const answer = await alice.ok(
        'POST',
        '/messages',
        makeEnvelope(alice, { route: crowd, to: [...devices, carol] }),
      );
      expect(answer).toMatchObject({ devices_queued: 131, missing_devices: [alice.deviceId] });
      const { db } = server.context.database;
      const all = [...devices, carol.deviceId] as DeviceId[];
      const rows = await readPosting(db, { seq: Number(answer['seq']), deviceIds: all });
      expect(new Set(rows.map((row) => row.deviceId))).toEqual(new Set(all));
      expect(rows.every((row) => row.entry.includes(row.deviceId))).toBe(true);
      await server.context.database.db.deleteFrom('devices').where('device_id', 'in', devices).execute();
    });

    test('devices that ended, be it at this very moment, are dropped and not missed', async () => {
      const revoked = await addDevice(server, bob, { revokedFrom: server.clock.now - 1 });
      // A certificate is over at the moment of its end.
      const expired = await addDevice(server, bob, { expiresAt: server.clock.now });
      const answer = await alice.ok(
        'POST',
        '/messages',
        makeEnvelope(alice, { route: channel, to: [revoked, expired, alice, bob] }),
      );
      expect(answer).toMatchObject({ devices_queued: 2, missing_devices: [] });
    });

    test('entries whose members look like borders between entries are told apart', async () => {
      const envelope = makeEnvelope(alice, { route: channel, to: [alice, bob] });
      const [first, second] = envelope['recipients'] as readonly JsonObject[];
      const recipients = [{ ...first, newer: [{ a: '},{' }, { b: 1 }] }, second];
      await alice.ok('POST', '/messages', { ...envelope, recipients });
      for (const [person, entry] of [
        [alice, recipients[0]],
        [bob, second],
      ] as const) {
        expect(await findPending(person, envelope['envelope_id'])).toMatchObject({ recipients: [entry] });
      }
    });

    test.each<[string, number, string, () => unknown]>([
      ['no object', 400, 'INVALID_PAYLOAD', () => []],
      ['no envelope', 400, 'INVALID_PAYLOAD', () => ({})],
      ['no recipients', 400, 'INVALID_PAYLOAD', () => makeEnvelope(alice, { route: channel, to: [] })],
      ['another sender', 403, 'FORBIDDEN', () => makeEnvelope(bob, { route: channel, to: [alice] })],
      ['an old time', 400, 'INVALID_PAYLOAD', () => sentAt(-LIMITS.clockWindowMs - 1)],
      ['a future time', 400, 'INVALID_PAYLOAD', () => sentAt(LIMITS.clockWindowMs + 1)],
      ['a device of somebody else', 400, 'INVALID_PAYLOAD', () => makeEnvelope(alice, { route: channel, to: [carol] })],
      ['an unknown recipient', 404, 'NOT_FOUND', () => direct('nobody-0000')],
    ])('an envelope with %s is refused with %i', async (_what, status, error, make) => {
      const answer = await alice.call('POST', '/messages', make());
      expect([answer.status, answer.body['error']]).toEqual([status, error]);
    });

    function sentAt(difference: number): JsonObject {
      return { ...makeEnvelope(alice, { route: channel, to: [bob] }), sent_at: server.clock.now + difference };
    }

    function direct(recipientSlug: string): JsonObject {
      return makeEnvelope(alice, { route: { kind: 'dm', recipientSlug }, to: [bob] });
    }

    test('an unknown space and an unknown channel are named', async () => {
      const other = await makeChannel(server, [carol]);
      const noSpace = { ...channel, spaceId: `sp_${createEnvelopeId(random).slice(4)}` };
      const noChannel = { ...channel, channelId: other.channelId };
      const first = await alice.call('POST', '/messages', makeEnvelope(alice, { route: noSpace, to: [bob] }));
      expect([first.status, first.body['message']]).toEqual([400, `space not found: ${noSpace.spaceId}`]);
      const second = await alice.call('POST', '/messages', makeEnvelope(alice, { route: noChannel, to: [bob] }));
      expect([second.status, second.body['message']]).toEqual([400, `channel not found: ${other.channelId}`]);
    });

    test('only members write to a channel, and nobody to an archived or deleted one', async () => {
      const place = await makeChannel(server, [alice, bob]);
      const send = () => alice.call('POST', '/messages', makeEnvelope(alice, { route: place, to: [bob] }));
      const outsider = await carol.call('POST', '/messages', makeEnvelope(carol, { route: place, to: [bob] }));
      expect(outsider.status).toBe(403);
      expect((await send()).status).toBe(201);
      const { db } = server.context.database;
      const space = db.updateTable('spaces').where('space_id', '=', place.spaceId);
      await space.set({ archived_at: server.clock.now }).execute();
      expect((await send()).status).toBe(403);
      await space.set({ archived_at: null, deleted_at: server.clock.now }).execute();
      expect((await send()).status).toBe(400);
      await space.set({ deleted_at: null }).execute();
      await removeMember(server, place, alice.slug);
      expect((await send()).status).toBe(403);
    });

    test('a body above the limit is refused with 413', async () => {
      const content_ciphertext = encodeBase64url(new Uint8Array(LIMITS.messageBodyBytes));
      const envelope = { ...makeEnvelope(alice, { route: channel, to: [bob] }), content_ciphertext };
      const answer = await alice.call('POST', '/messages', envelope);
      expect([answer.status, answer.body['error']]).toEqual([413, 'MESSAGE_TOO_LONG']);
    });

    test('a refused message leaves nothing behind', async () => {
      const envelope = makeEnvelope(alice, { route: channel, to: [carol] });
      expect((await alice.call('POST', '/messages', envelope)).status).toBe(400);
      const { db } = server.context.database;
      const id = textOf(envelope['envelope_id']);
      expect(await db.selectFrom('messages').where('envelope_id', '=', id).selectAll().execute()).toEqual([]);
      expect(await db.selectFrom('postings').where('envelope_id', '=', id).selectAll().execute()).toEqual([]);
    });
  });

  describe('sending the same again', () => {
    test('adds the devices that were missing, also when it comes late', async () => {
      const envelope = makeEnvelope(alice, { route: channel, to: [alice] });
      const first = await alice.ok('POST', '/messages', envelope);
      server.clock.now += LIMITS.clockWindowMs + 1;
      const again = { ...envelope, recipients: makeEntries([bob]) };
      const second = await alice.call('POST', '/messages', again);
      expect(second.status).toBe(201);
      expect(second.body).toMatchObject({ replay: true, seq: first['seq'], devices_queued: 1, missing_devices: [] });
      const third = await alice.ok('POST', '/messages', again);
      expect(third).toMatchObject({ replay: true, seq: first['seq'], devices_queued: 0, missing_devices: [] });
      expect((await findPending(bob, envelope['envelope_id']))?.['recipients']).toEqual(again.recipients);
    });

    test('does not bring back what was acknowledged', async () => {
      const envelope = makeEnvelope(alice, { route: channel, to: [bob] });
      await alice.ok('POST', '/messages', envelope);
      await bob.ok('POST', '/messages/ack', { envelope_ids: [envelope['envelope_id']] });
      await alice.ok('POST', '/messages', envelope);
      expect(await findPending(bob, envelope['envelope_id'])).toBeUndefined();
    });

    test.each<[string, (envelope: JsonObject) => JsonObject]>([
      ['content', () => ({ content_ciphertext: encodeBase64url(random.bytes(64)) })],
      ['nonce', () => ({ content_nonce: encodeBase64url(random.bytes(12)) })],
      ['time', ({ sent_at }) => ({ sent_at: Number(sent_at) + 1 })],
      ['route', () => ({ envelope_kind: 'dm', space_id: null, channel_id: null, recipient_slug: bob.slug })],
    ])('with another %s is a conflict', async (_what, change) => {
      const envelope = makeEnvelope(alice, { route: channel, to: [bob] });
      await alice.ok('POST', '/messages', envelope);
      const answer = await alice.call('POST', '/messages', { ...envelope, ...change(envelope) });
      expect([answer.status, answer.body['error']]).toEqual([409, 'CONFLICT']);
    });

    test('by somebody else is a conflict', async () => {
      const envelope = makeEnvelope(alice, { route: channel, to: [bob] });
      await alice.ok('POST', '/messages', envelope);
      expect((await bob.call('POST', '/messages', { ...envelope, sender_slug: bob.slug })).status).toBe(409);
    });

    test('at the same time stores it once', async () => {
      const envelope = makeEnvelope(alice, { route: channel, to: [bob] });
      const answers = await Promise.all(Array.from({ length: 4 }, () => alice.ok('POST', '/messages', envelope)));
      expect(answers.filter((answer) => answer['replay'] === false)).toHaveLength(1);
      expect(new Set(answers.map((answer) => answer['seq'])).size).toBe(1);
    });
  });
});
