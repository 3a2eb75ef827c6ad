// Messages at a socket: what arrives, in which order, and what happens to slow clients. spec: wire-protocol 10.1, 10.2, 10.6
import { createEnvelopeId, type DeviceId, type EnvelopeId } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { nextSeq } from '../src/db/next-seq.ts';
import { ackDeliveries } from '../src/messages/ack.ts';
import { insertWaiting } from './kit/postings.ts';
import { makeChannel, makeEnvelope, type TestRoute } from './kit/test-conversation.ts';
import { random, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';
import { connect, idle } from './kit/test-socket.ts';

describe.each(DIALECTS)('on %s', (dialect) => {
  describe('messages', () => {
    test('arrive with their number and the own entry only, on all sockets of the device', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using one = await connect(bob);
      await using two = await connect(bob);
      await using own = await connect(alice);
      const envelope = makeEnvelope(alice, { route, to: [alice, bob] });
      const { seq } = await alice.ok('POST', '/messages', envelope);
      for (const [socket, person] of [
        [one, bob],
        [two, bob],
        [own, alice],
      ] as const) {
        const frame = await socket.frame(({ type }) => type === 'message');
        const recipients = [expect.objectContaining({ device_id: person.deviceId })];
        expect(frame).toEqual({ type: 'message', seq, envelope: { ...envelope, recipients } });
      }
    });

    test('go to listed devices only', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using own = await connect(alice);
      await using other = await connect(bob);
      await post(alice, { route, to: [bob] });
      const second = await post(alice, { route, to: [alice, bob] });
      await own.frame(({ type }) => type === 'message');
      await other.waitFor('both', () => other.seqs().length === 2);
      expect(own.envelopeIds()).toEqual([second]);
    });

    test('are sent ten ahead, in order, and the next when one is acknowledged', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using socket = await connect(bob);
      const ids: string[] = [];
      for (let count = 0; count < 25; count++) ids.push(await post(alice, { route, to: [bob] }));
      await socket.waitFor('ten', () => socket.seqs().length === 10);
      await idle(server);
      expect(socket.envelopeIds()).toEqual(ids.slice(0, 10));
      socket.ack(ids.slice(3, 5));
      await socket.waitFor('twelve', () => socket.seqs().length === 12);
      socket.acknowledgeAll();
      await socket.waitFor('all', () => socket.seqs().length === 25);
      expect(socket.envelopeIds()).toEqual(ids);
      await untilAcknowledged(bob);
    });

    test('are not sent again to a session that holds them', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using socket = await connect(bob);
      const envelope = makeEnvelope(alice, { route, to: [bob] });
      for (let count = 0; count < 3; count++) await alice.ok('POST', '/messages', envelope);
      const last = await post(alice, { route, to: [bob] });
      await socket.waitFor('the last', () => socket.envelopeIds().includes(last));
      expect(socket.envelopeIds()).toEqual([envelope['envelope_id'], last]);
    });

    test('that got a device later reach it, although newer ones were sent', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using socket = await connect(bob);
      const early = makeEnvelope(alice, { route, to: [alice] });
      await alice.ok('POST', '/messages', early);
      const newer = await post(alice, { route, to: [bob] });
      const { recipients } = makeEnvelope(alice, { route, to: [alice, bob] });
      await alice.ok('POST', '/messages', { ...early, recipients });
      await socket.waitFor('both', () => socket.seqs().length === 2);
      expect(socket.envelopeIds()).toEqual([newer, early['envelope_id']]);
    });

    test('acknowledged by one session or over HTTP make room in the others', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using one = await connect(bob);
      await using two = await connect(bob);
      const ids: string[] = [];
      for (let count = 0; count < 25; count++) ids.push(await post(alice, { route, to: [bob] }));
      await one.waitFor('ten', () => one.seqs().length === 10);
      one.ack(ids.slice(0, 10));
      await two.waitFor('twenty', () => two.seqs().length === 20);
      await bob.ok('POST', '/messages/ack', { envelope_ids: ids.slice(10, 20) });
      server.context.hub.acknowledged(bob.deviceId, ids.slice(10, 20) as EnvelopeId[]);
      await two.waitFor('all', () => two.seqs().length === 25);
      expect(two.envelopeIds()).toEqual(ids);
    });

    test('leave no more than a few rows of acknowledgements, and none after the next connection', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      const countRows = async () => (await server.context.database.db.selectFrom('acks').selectAll().execute()).length;
      {
        await using socket = await connect(bob);
        for (let count = 1; count <= 230; count++) {
          const envelopeId = await post(alice, { route, to: [bob] });
          await socket.waitFor('the message', () => socket.seqs().length === count);
          socket.ack([envelopeId]);
        }
        await untilAcknowledged(bob);
        expect(await countRows()).toBeLessThan(100);
      }
      await using again = await connect(bob);
      expect(again.seqs()).toEqual([]);
      expect(await countRows()).toBe(0);
      expect(await bob.ok('GET', '/messages/pending')).toEqual({ messages: [] });
    });

    test('that were acknowledged without a hint make room after a while', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using socket = await connect(bob);
      const ids: string[] = [];
      for (let count = 0; count < 12; count++) ids.push(await post(alice, { route, to: [bob] }));
      await socket.waitFor('ten', () => socket.seqs().length === 10);
      await ackDeliveries(server.context, bob.deviceId, ids.slice(4, 5) as EnvelopeId[]);
      server.clock.now += 15_000;
      await socket.waitFor('one more', () => socket.seqs().length === 11);
      expect(socket.envelopeIds()).toEqual(ids.slice(0, 11));
    });

    test('stay until they are acknowledged, over any number of connections', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      const sent = await post(alice, { route, to: [bob] });
      for (let count = 0; count < 2; count++) {
        await using socket = await connect(bob);
        server.clock.now += 5000;
        await socket.frame(({ type }) => type === 'message');
        expect(socket.envelopeIds()).toEqual([sent]);
      }
    });

    test('that are pending are left to HTTP, and not repeated once they were fetched', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      for (let count = 0; count < 3; count++) await post(alice, { route, to: [bob] });
      await using socket = await connect(bob);
      const { messages } = await bob.ok('GET', '/messages/pending');
      const fetched = (messages as { seq: number }[]).map(({ seq }) => seq);
      expect(fetched).toHaveLength(3);
      server.context.hub.fetched(bob.deviceId, Math.max(...fetched));
      server.clock.now += 5000;
      const live = await post(alice, { route, to: [bob] });
      await socket.frame(({ type }) => type === 'message');
      await idle(server);
      expect(socket.envelopeIds()).toEqual([live]);
    });

    test('come over the socket in full when the client does not fetch', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      const ids = [await post(alice, { route, to: [bob] }), await post(alice, { route, to: [bob] })];
      await using socket = await connect(bob);
      ids.push(await post(alice, { route, to: [bob] }));
      expect(socket.seqs()).toEqual([]);
      server.clock.now += 5000;
      await socket.waitFor('all', () => socket.seqs().length === 3);
      expect(socket.envelopeIds()).toEqual(ids);
    });

    test('never fall between fetching and the live stream', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      const state = { isOver: false };
      const sending = sendUntil(state, { alice, bob, route });
      const received = new Set<string>();
      for (let round = 0; round < 15; round++) {
        await using socket = await connect(bob);
        const { messages } = await bob.ok('GET', '/messages/pending');
        const fetched = messages as unknown as { seq: number; envelope: { envelope_id: string } }[];
        server.context.hub.fetched(bob.deviceId, fetched.at(-1)?.seq ?? 0);
        for (const { envelope } of fetched) received.add(envelope.envelope_id);
        socket.ack(fetched.map(({ envelope }) => envelope.envelope_id));
        await socket.waitFor('a live message', () => socket.seqs().length > round % 4);
        for (const envelopeId of socket.envelopeIds()) received.add(envelopeId);
        socket.ack(socket.envelopeIds());
      }
      state.isOver = true;
      const sent = await sending;
      const { messages } = await bob.ok('GET', '/messages/pending');
      for (const { envelope } of messages as unknown as { envelope: { envelope_id: string } }[])
        received.add(envelope.envelope_id);
      expect(sent.length).toBeGreaterThan(15);
      expect(sent.filter((envelopeId) => !received.has(envelopeId))).toEqual([]);
    });

    test('ten thousand drain through the window, in order', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await insertPending(server, { from: alice, to: bob, route, count: 10_000 });
      await using socket = await connect(bob);
      socket.acknowledgeAll();
      server.clock.now += 5000;
      for (let count = 500; count <= 10_000; count += 500) {
        await socket.waitFor(`${count}`, () => socket.messages.length >= count);
      }
      expect(socket.seqs()).toEqual(Array.from({ length: 10_000 }, (_, index) => 1_000_001 + index));
      await untilAcknowledged(bob);
    });
  });

  describe('a client that does not read', () => {
    test('is sent away with 1013 and loses nothing', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using socket = await connect(bob);
      socket.socket.pause();
      for (let count = 0; count < 16; count++) notifyLarge(server, bob);
      const ids = [await post(alice, { route, to: [bob] }), await post(alice, { route, to: [bob] })];
      await idle(server);
      server.clock.now += 75_000;
      await idle(server);
      socket.socket.resume();
      expect(await socket.closed).toMatchObject({ code: 1013 });
      expect(socket.seqs()).toEqual([]);
      await using again = await connect(bob);
      server.clock.now += 5000;
      await again.waitFor('both', () => again.seqs().length === 2);
      expect(again.envelopeIds()).toEqual(ids);
    });

    test('is sent away at once when too much waits for it', async () => {
      await using server = await startTestServer({ dialect });
      const bob = await signUp(server, 'bob');
      await using socket = await connect(bob);
      socket.socket.pause();
      for (let count = 0; count < 40; count++) notifyLarge(server, bob);
      socket.socket.resume();
      expect((await socket.closed).code).toBe(1013);
    });

    test('gets its messages when it reads again', async () => {
      await using server = await startTestServer({ dialect });
      const { alice, bob, route } = await meet(server);
      await using socket = await connect(bob);
      socket.socket.pause();
      for (let count = 0; count < 16; count++) notifyLarge(server, bob);
      const sent = await post(alice, { route, to: [bob] });
      await idle(server);
      socket.socket.resume();
      await socket.frame(({ type }) => type === 'message');
      expect(socket.envelopeIds()).toEqual([sent]);
    });
  });
});

interface Meeting {
  readonly alice: TestPerson;
  readonly bob: TestPerson;
  readonly route: TestRoute;
}

async function meet(server: TestServer): Promise<Meeting> {
  const [alice, bob] = [await signUp(server, 'alice'), await signUp(server, 'bob')];
  return { alice, bob, route: await makeChannel(server, [alice, bob]) };
}

async function post(from: TestPerson, saying: { route: TestRoute; to: readonly TestPerson[] }): Promise<string> {
  const envelope = makeEnvelope(from, saying);
  await from.ok('POST', '/messages', envelope);
  return textOf(envelope['envelope_id']);
}

async function sendUntil(
  state: { readonly isOver: boolean },
  { alice, bob, route }: Meeting,
): Promise<readonly string[]> {
  const sent: string[] = [];
  while (!state.isOver) sent.push(await post(alice, { route, to: [bob] }));
  return sent;
}

function notifyLarge(server: TestServer, person: TestPerson): void {
  const space_id = 'sp_0c7e1d5e-0000-4000-8000-000000000000' as never;
  server.context.hub.notify([person.slug], { type: 'space_update', space_id, name: 'x'.repeat(900_000) });
}

async function untilAcknowledged(person: TestPerson): Promise<void> {
  await expect.poll(async () => (await person.ok('GET', '/messages/pending'))['messages']).toEqual([]);
}

interface PendingToInsert {
  readonly from: TestPerson;
  readonly to: TestPerson;
  readonly route: TestRoute;
  readonly count: number;
}

async function insertPending(server: TestServer, { from, to, route, count }: PendingToInsert): Promise<void> {
  const { recipients, ...rest } = makeEnvelope(from, { route, to: [to] });
  const [entry] = recipients as unknown[];
  const deviceId: DeviceId = to.deviceId;
  const messages = Array.from({ length: count }, (_, index) => {
    const envelope_id = createEnvelopeId(random);
    return {
      row: {
        envelope_id,
        seq: 1_000_001 + index,
        sender_slug: from.slug,
        kind: 'channel' as const,
        space_id: null,
        channel_id: null,
        recipient_slug: null,
        sent_at: 0,
        received_at: 0,
        envelope: JSON.stringify({ ...rest, envelope_id, recipients: [] }),
        content_hash: '',
      },
      deviceId,
      entry: JSON.stringify(entry),
    };
  });
  await server.context.database.write(async (transaction) => {
    await nextSeq(transaction, 'messages', 1_000_000 + count);
    await insertWaiting(transaction, messages);
  });
}
