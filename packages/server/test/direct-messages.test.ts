// Who may write to whom, through HTTP. spec: wire-protocol 9.22, 14.3, 15 (12)
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeEnvelope } from './kit/test-conversation.ts';
import { signUp, type TestPerson } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

describe.each(DIALECTS)('people who write to each other on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;
  let bob: TestPerson;
  let carol: TestPerson;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    carol = await signUp(server, 'carol');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe('direct messages', () => {
    test('are for the devices of both sides and nobody else', async () => {
      const route = { kind: 'dm', recipientSlug: bob.slug } as const;
      const answer = await alice.ok('POST', '/messages', makeEnvelope(alice, { route, to: [bob, alice] }));
      expect(answer).toMatchObject({ devices_queued: 2, missing_devices: [] });
      const foreign = await alice.call('POST', '/messages', makeEnvelope(alice, { route, to: [carol] }));
      expect(foreign.status).toBe(400);
    });

    test('may go to oneself', async () => {
      const route = { kind: 'dm', recipientSlug: alice.slug } as const;
      const answer = await alice.ok('POST', '/messages', makeEnvelope(alice, { route, to: [alice] }));
      expect(answer).toMatchObject({ devices_queued: 1, missing_devices: [] });
    });

    test('do not reach somebody who blocks the sender, until they unblock', async () => {
      const dave = await signUp(server, 'dave');
      const route = { kind: 'dm', recipientSlug: dave.slug } as const;
      const send = () => alice.call('POST', '/messages', makeEnvelope(alice, { route, to: [dave] }));
      expect((await send()).status).toBe(201);
      await dave.ok('POST', '/blocklists', { target: 'user', id: alice.slug });
      expect((await send()).status).toBe(403);
      expect((await dave.call('DELETE', '/blocklists', { id: alice.slug })).status).toBe(204);
      expect((await send()).status).toBe(201);
    });

    test('do not reach a retired identity', async () => {
      const erin = await signUp(server, 'erin');
      const { db } = server.context.database;
      await db.updateTable('identities').set({ state: 'revoked' }).where('slug', '=', erin.slug).execute();
      const route = { kind: 'dm', recipientSlug: erin.slug } as const;
      const answer = await alice.call('POST', '/messages', makeEnvelope(alice, { route, to: [erin] }));
      expect(answer.status).toBe(404);
    });
  });

  describe('trust lists', () => {
    test('list what was added once, pass over unknown slugs, and belong to one person', async () => {
      const frank = await signUp(server, 'frank');
      await frank.ok('POST', '/allowlists', { slugs: [alice.slug, 'nobody-0000', alice.slug] });
      await frank.ok('POST', '/allowlists', { slugs: [alice.slug] });
      await frank.ok('POST', '/blocklists', { target: 'user', id: carol.slug });
      expect(await frank.ok('GET', '/allowlists')).toEqual({ entries: [{ peer_slug: alice.slug }] });
      expect(await frank.ok('GET', '/blocklists')).toEqual({ blocks: [{ target: 'user', id: carol.slug }] });
      expect(await carol.ok('GET', '/blocklists')).toEqual({ blocks: [] });
      expect((await carol.call('DELETE', '/blocklists', { id: alice.slug })).status).toBe(404);
      expect((await carol.call('POST', '/blocklists', { target: 'user', id: 'nobody-0000' })).status).toBe(404);
      expect((await carol.call('POST', '/blocklists', { target: 'user', id: carol.slug })).status).toBe(400);
      expect((await carol.call('POST', '/blocklists', { target: 'space', id: alice.slug })).status).toBe(400);
    });
  });
});

describe.each(DIALECTS)('new people on %s', (dialect) => {
  test('can be written to only so many within an hour, but answers are free', async () => {
    await using server = await startTestServer({
      dialect,
      settings: { limits: { perIdentity: 1_000_000, perAddress: 1_000_000, newPeersPerHour: 2 } },
    });
    const sender = await signUp(server, 'sender');
    const peers = [];
    for (const name of ['one', 'two', 'three', 'four']) peers.push(await signUp(server, name));
    const [one, two, three, four] = peers as [TestPerson, TestPerson, TestPerson, TestPerson];
    const write = (from: TestPerson, to: TestPerson) =>
      from.call('POST', '/messages', makeEnvelope(from, { route: { kind: 'dm', recipientSlug: to.slug }, to: [to] }));
    expect((await write(four, sender)).status).toBe(201);
    expect((await write(sender, four)).status).toBe(201);
    expect((await write(sender, one)).status).toBe(201);
    expect((await write(sender, two)).status).toBe(201);
    const refused = await write(sender, three);
    expect([refused.status, refused.body['error']]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await write(sender, one)).status).toBe(201);
    server.clock.now += 3_600_001;
    expect((await write(sender, three)).status).toBe(201);
  });
});
