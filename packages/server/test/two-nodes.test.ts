// Two nodes on one PostgreSQL: what one commits arrives at the sockets of the other. spec: wire-protocol 8.6, 10.6
import { systemRandom } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeChannel, makeEnvelope, type TestRoute } from './kit/test-conversation.ts';
import { signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { POSTGRES_URL, startTestServer, type TestServer } from './kit/test-server.ts';
import { connect, connectFrameOf, openSocket } from './kit/test-socket.ts';

describe('two nodes on one PostgreSQL', () => {
  beforeEach(({ skip }) => skip(POSTGRES_URL === undefined, 'PUFFO_TEST_POSTGRES names no database'));

  test('a message posted on one arrives at sockets of the other and at its own, once', async () => {
    await using nodes = await startNodes();
    const { a, b, alice, bob, route } = nodes;
    await using here = await connect(bob, { at: a });
    await using there = await connect(bob, { at: b });
    const ids: string[] = [];
    for (let count = 0; count < 8; count++) ids.push(await post(alice, { route, to: [bob] }));
    for (const socket of [here, there]) {
      await socket.waitFor('all', () => socket.seqs().length === 8);
      expect(socket.envelopeIds()).toEqual(ids);
    }
  });

  test('messages posted on both at the same time arrive in order', async () => {
    await using nodes = await startNodes();
    const { a, b, alice, bob, route } = nodes;
    await using socket = await connect(bob, { at: b });
    socket.acknowledgeAll();
    const other = { ...alice, ok: alice.ok };
    await Promise.all(
      [a, b, a, b].map(async ({ url }) => {
        for (let count = 0; count < 20; count++) await post(other, { route, to: [bob], at: url });
      }),
    );
    await socket.waitFor('all', () => socket.seqs().length === 80);
    expect(socket.seqs()).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  });

  test('a nonce that was used on one is refused on the other, for requests and sockets', async () => {
    await using nodes = await startNodes();
    const { a, b, alice } = nodes;
    const frame = connectFrameOf(alice);
    await using first = await openSocket(a);
    first.send(frame);
    await first.frame(({ type }) => type === 'connected');
    await using second = await openSocket(b);
    second.send(frame);
    expect((await second.closed).code).toBe(4401);
  });

  test('frames for people cross over: small ones, large events and certificates, long lists', async () => {
    await using nodes = await startNodes();
    const { a, b, alice, bob } = nodes;
    await using socket = await connect(bob, { at: b });
    const { hub, database } = a.context;
    hub.notify([bob.slug], { type: 'space_membership_changed', space_id: SPACE });
    const event = { event_id: 'evt_large', note: 'x'.repeat(9000) };
    await insertEvent(a, event);
    hub.notify([bob.slug], { type: 'event', scope: SPACE, event });
    const entry = await database.db
      .selectFrom('cert_log')
      .where('slug', '=', alice.slug)
      .selectAll()
      .executeTakeFirstOrThrow();
    const cert = { ...JSON.parse(entry.cert), more: 'x'.repeat(9000) };
    await database.db
      .updateTable('cert_log')
      .set({ cert: JSON.stringify(cert) })
      .where('seq', '=', entry.seq)
      .execute();
    hub.notify([bob.slug], {
      type: 'cert_update',
      entry: { seq: entry.seq, kind: entry.kind, slug: alice.slug, cert },
    });
    hub.notify([bob.slug], { type: 'space_update', space_id: SPACE, name: 'x'.repeat(9000) });
    const many = Array.from({ length: 500 }, (_, index) => `somebody-${index}-0000` as never);
    hub.notify([...many, bob.slug], { type: 'ping' });
    await socket.frame(({ type }) => type === 'ping');
    expect(socket.frames.slice(1)).toEqual([
      { type: 'space_membership_changed', space_id: SPACE },
      { type: 'event', scope: SPACE, event },
      { type: 'cert_update', entry: { seq: entry.seq, kind: entry.kind, slug: alice.slug, cert } },
      { type: 'space_update', space_id: SPACE },
      { type: 'ping' },
    ]);
  });

  test('a device revoked and an identity retired on one lose their sockets on the other', async () => {
    await using nodes = await startNodes();
    const { a, b, alice, bob } = nodes;
    await using one = await connect(alice, { at: b });
    await using two = await connect(bob, { at: b });
    a.context.hub.disconnect({ deviceId: alice.deviceId });
    a.context.hub.disconnect({ slug: bob.slug });
    expect((await one.closed).code).toBe(4403);
    expect((await two.closed).code).toBe(4403);
  });

  test('what was fetched or acknowledged on one counts for sockets of the other', async () => {
    await using nodes = await startNodes();
    const { a, b, alice, bob, route } = nodes;
    const old = await post(alice, { route, to: [bob] });
    await using socket = await connect(bob, { at: b });
    a.context.hub.fetched(bob.deviceId, 1);
    const ids: string[] = [];
    for (let count = 0; count < 12; count++) ids.push(await post(alice, { route, to: [bob] }));
    await socket.waitFor('ten', () => socket.seqs().length === 10);
    await bob.ok('POST', '/messages/ack', { envelope_ids: [old, ...ids.slice(0, 5)] });
    a.context.hub.acknowledged(bob.deviceId, ids.slice(0, 5) as EnvelopeId[]);
    await socket.waitFor('all', () => socket.seqs().length === 12);
    expect(socket.envelopeIds()).toEqual(ids);
  });

  test('nothing is lost while the nodes do not hear each other', async () => {
    await using nodes = await startNodes();
    const { b, alice, bob, route } = nodes;
    await using socket = await connect(bob, { at: b });
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) {
      await untilListening(b);
      await killListeners(b);
      ids.push(await post(alice, { route, to: [bob] }));
    }
    await socket.waitFor('all', () => socket.seqs().length === 5);
    expect(socket.envelopeIds()).toEqual(ids);
  });

  test('limits hold across both', async () => {
    await using nodes = await startNodes();
    const { a, b } = nodes;
    const rate = { limit: 10, windowMs: 60_000 };
    const taken = await Promise.all(
      Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? a : b).context.limiter.take('key', rate)),
    );
    expect(taken.filter((seconds) => seconds === undefined)).toHaveLength(10);
  });
});

const SPACE = 'sp_0c7e1d5e-0000-4000-8000-000000000000' as never;

interface Nodes extends AsyncDisposable {
  readonly a: TestServer;
  readonly b: TestServer;
  readonly alice: TestPerson;
  readonly bob: TestPerson;
  readonly route: TestRoute;
}

/** Both people signed up on `a`. */
async function startNodes(): Promise<Nodes> {
  const a = await startTestServer({ dialect: 'postgres', random: systemRandom });
  const b = await startTestServer({ besides: a, random: systemRandom });
  const [alice, bob] = [await signUp(a, 'alice'), await signUp(a, 'bob')];
  const route = await makeChannel(a, [alice, bob]);
  return {
    a,
    b,
    alice,
    bob,
    route,
    async [Symbol.asyncDispose]() {
      await b[Symbol.asyncDispose]();
      await a[Symbol.asyncDispose]();
    },
  };
}

interface Saying {
  readonly route: TestRoute;
  readonly to: readonly TestPerson[];
  readonly at?: string;
}

async function post(from: TestPerson, { route, to, at = from.server.url }: Saying): Promise<string> {
  const envelope = makeEnvelope(from, { route, to });
  const body = Buffer.from(JSON.stringify(envelope));
  const { signRequest } = await import('@puffo/protocol');
  const stamp = { timestamp: from.server.clock.now, random: systemRandom };
  const signer = { slug: from.slug, signerId: from.subkeyId, signingKey: from.subkey };
  const headers = signRequest({ method: 'POST', target: '/messages', body }, { ...signer, ...stamp });
  const answer = await fetch(`${at}/messages`, { method: 'POST', body, headers: { ...headers } });
  if (answer.status >= 300) throw new Error(await answer.text());
  return textOf(envelope['envelope_id']);
}

/** Connections come back after a pause. */
async function untilListening(server: TestServer): Promise<void> {
  const channel = `puffo_hints_${server.settings.postgresSchema ?? ''}`;
  const count = sql<{ count: number }>`select count(*) from pg_stat_activity where application_name = ${channel}`;
  await expect.poll(async () => (await count.execute(server.context.database.db)).rows[0]?.count).toBe(2);
}

/** Cuts the connections on which the nodes listen, from the side of the database. */
async function killListeners(server: TestServer): Promise<void> {
  const channel = `puffo_hints_${server.settings.postgresSchema ?? ''}`;
  const { rows } = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${channel}
  `.execute(server.context.database.db);
  if (rows.length === 0) throw new Error('nobody listened');
}

async function insertEvent(server: TestServer, event: { readonly event_id: string }): Promise<void> {
  const signer = { signer_slug: 'x', signer_device_id: 'x', signer_subkey_id: 'x', signature: 'x' };
  const payload = { payload: '{}', payload_nonce: 'x', payload_issued_at: 0 };
  const place = { space_id: SPACE, channel_id: null, seq: 1, kind: 'x', received_at: 0 };
  await server.context.database.db
    .insertInto('events')
    .values({ event_id: event.event_id, ...place, ...signer, ...payload, object: JSON.stringify(event) })
    .execute();
}
