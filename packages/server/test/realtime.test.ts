// The socket of a device, from its first frame to its end. spec: wire-protocol 10
import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer } from './kit/test-server.ts';
import { connect, connectFrameOf, idle, openSocket } from './kit/test-socket.ts';

const MINUTE_MS = 60_000;

describe.each(DIALECTS)('on %s', (dialect) => {
  describe('connecting', () => {
    test('answers a signed frame with a session id, first', async () => {
      await using server = await startTestServer({ dialect });
      await using socket = await connect(await signUp(server));
      expect(socket.frames).toHaveLength(1);
      expect(socket.frames[0]).toEqual({ type: 'connected', session_id: expect.stringMatching(/^[\w-]{1,128}$/) });
    });

    test.each<[string, (alice: TestPerson, bob: TestPerson) => unknown, number]>([
      ['no connect frame', () => ({ type: 'pong' }), 4400],
      ['no JSON', () => 'hello', 4400],
      ['a frame above 4 KiB', (alice) => ({ ...connectFrameOf(alice), more: 'x'.repeat(5000) }), 4400],
      ['a wrong signature', (alice) => ({ ...connectFrameOf(alice), nonce: connectFrameOf(alice)['nonce'] }), 4401],
      ['another slug', (alice, bob) => ({ ...connectFrameOf(alice), slug: bob.slug }), 4401],
      ['a key that nobody has', (alice) => ({ ...connectFrameOf(alice), subkey_id: `sk_${'A'.repeat(22)}` }), 4401],
      ['an old time', (alice) => connectFrameOf(alice, { timestamp: alice.server.clock.now - 6 * MINUTE_MS }), 4401],
      ['a member that is missing', (alice) => ({ ...connectFrameOf(alice), timestamp: undefined }), 4401],
    ])('refuses %s', async (_name, frame, code) => {
      await using server = await startTestServer({ dialect });
      const [alice, bob] = [await signUp(server, 'alice'), await signUp(server, 'bob')];
      await using socket = await openSocket(server);
      socket.send(frame(alice, bob));
      expect((await socket.closed).code).toBe(code);
      expect(socket.frames.map(({ type }) => type)).toEqual(code === 4400 ? [] : ['error']);
    });

    test('refuses a frame that was used before', async () => {
      await using server = await startTestServer({ dialect });
      const frame = connectFrameOf(await signUp(server));
      await using first = await openSocket(server);
      first.send(frame);
      await first.frame(({ type }) => type === 'connected');
      await using second = await openSocket(server);
      second.send(frame);
      expect((await second.closed).code).toBe(4401);
    });

    test('tells a clock that is wrong the time', async () => {
      await using server = await startTestServer({ dialect });
      const alice = await signUp(server);
      await using socket = await openSocket(server);
      socket.send(connectFrameOf(alice, { timestamp: server.clock.now + 6 * MINUTE_MS }));
      expect((await socket.frame(({ type }) => type === 'error'))['message']).toContain(String(server.clock.now));
    });

    test('closes with 4403 for a revoked device and for an identity that is not active', async () => {
      await using server = await startTestServer({ dialect });
      const [alice, bob] = [await signUp(server, 'alice'), await signUp(server, 'bob')];
      const { db } = server.context.database;
      await db.updateTable('devices').set({ revoked_from: 1 }).where('device_id', '=', alice.deviceId).execute();
      await db.updateTable('identities').set({ state: 'disabled' }).where('slug', '=', bob.slug).execute();
      for (const person of [alice, bob]) {
        await using socket = await openSocket(server);
        socket.send(connectFrameOf(person));
        expect((await socket.closed).code).toBe(4403);
      }
    });

    test('waits ten seconds for the connect frame', async () => {
      await using server = await startTestServer({ dialect });
      await using socket = await openSocket(server);
      server.clock.now += 10_000;
      expect((await socket.closed).code).toBe(4400);
    });

    test.each([
      ['/subscribed', 'websocket', 404],
      ['/', 'websocket', 404],
      ['/subscribe', 'h2c', 404],
    ])('answers an upgrade of %s to %s in HTTP with %i', async (path, upgrade, status) => {
      await using server = await startTestServer({ dialect });
      const headers = { connection: 'upgrade', upgrade, 'sec-websocket-version': '13', 'sec-websocket-key': KEY };
      const sent = request(server.url + path, { headers }).end();
      const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }];
      response.resume();
      expect(response.statusCode).toBe(status);
    });

    test('takes parameters in the path', async () => {
      await using server = await startTestServer({ dialect });
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/subscribe?v=1`);
      await once(socket, 'open');
      expect(socket.readyState).toBe(WebSocket.OPEN);
      socket.terminate();
    });

    test('lets the oldest of nine sockets of a device go', async () => {
      await using server = await startTestServer({ dialect });
      const alice = await signUp(server);
      const sockets = [];
      for (let index = 0; index < 9; index++) sockets.push(await connect(alice));
      const [oldest, ...others] = sockets;
      expect(await oldest?.closed).toEqual({ code: 1008, reason: 'too many sockets of this device' });
      for (const other of others) expect(other.socket.readyState).toBe(WebSocket.OPEN);
      for (const socket of sockets) await socket[Symbol.asyncDispose]();
    });
  });

  describe('frames of a client', () => {
    test.each([
      ['what it does not know', { type: 'later', x: 1 }],
      ['a pong', { type: 'pong' }],
      ['an acknowledgement of nothing', { type: 'ack', envelope_ids: [] }],
      ['ids that are none', { type: 'ack', envelope_ids: ['x', 'msg_1'] }],
    ])('lets pass %s', async (_name, frame) => {
      await using server = await startTestServer({ dialect });
      const alice = await signUp(server);
      await using socket = await connect(alice);
      for (let count = 0; count < 5; count++) socket.send(frame);
      server.context.hub.notify([alice.slug], { type: 'ping' });
      await socket.frame(({ type }) => type === 'ping');
      expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    });

    test.each([
      ['no JSON', '{'],
      ['no frame', '[]'],
      ['a wrong ack', { type: 'ack', envelope_ids: [1] }],
      ['a second connect frame', { type: 'connect' }],
    ])('closes with 1008 after three times %s', async (_name, frame) => {
      await using server = await startTestServer({ dialect });
      await using socket = await connect(await signUp(server));
      for (let count = 0; count < 3; count++) socket.send(frame);
      expect((await socket.closed).code).toBe(1008);
    });

    test('closes with 1008 for a binary frame and with 1009 for one above 2 MiB', async () => {
      await using server = await startTestServer({ dialect });
      const alice = await signUp(server);
      await using binary = await connect(alice);
      binary.socket.send(Buffer.from('{}'));
      expect((await binary.closed).code).toBe(1008);
      await using large = await connect(alice);
      large.send(' '.repeat(2 * 1024 * 1024 + 1));
      expect((await large.closed).code).toBe(1009);
    });
  });

  describe('staying connected', () => {
    test('pings every 30 seconds in both ways, and closes with 4408 after two minutes of silence', async () => {
      await using server = await startTestServer({ dialect });
      await using socket = await connect(await signUp(server));
      const pinged = once(socket.socket, 'ping');
      server.clock.now += 30_000;
      await pinged;
      await socket.frame(({ type }) => type === 'ping');
      socket.socket.pong();
      socket.send({ type: 'pong' });
      await idle(server);
      server.clock.now += 120_000;
      expect((await socket.closed).code).toBe(4408);
    });

    test('takes any frame as life', async () => {
      await using server = await startTestServer({ dialect });
      await using socket = await connect(await signUp(server));
      const { socket: raw } = socket;
      for (const live of [() => raw.ping(), () => socket.send({ type: 'pong' }), () => socket.send({ type: 'x' })]) {
        server.clock.now += 100_000;
        const pinged = once(raw, 'ping');
        live();
        await pinged;
      }
      expect(raw.readyState).toBe(WebSocket.OPEN);
    });

    test('answers pings', async () => {
      await using server = await startTestServer({ dialect });
      await using socket = await connect(await signUp(server));
      const ponged = once(socket.socket, 'pong');
      socket.socket.ping('x');
      expect(String((await ponged)[0])).toBe('x');
    });
  });

  describe('other frames', () => {
    test('go to all sockets of the people they are for, once', async () => {
      await using server = await startTestServer({ dialect });
      const [alice, bob] = [await signUp(server, 'alice'), await signUp(server, 'bob')];
      await using own = await connect(alice);
      await using other = await connect(bob);
      const frame = { type: 'space_membership_changed', space_id: SPACE } as const;
      server.context.hub.notify([alice.slug, alice.slug], frame);
      server.context.hub.notify([bob.slug], { type: 'ping' });
      await other.frame(({ type }) => type === 'ping');
      expect(await own.frame(({ type }) => type !== 'connected')).toEqual(frame);
      expect([own.frames.length, other.frames.length]).toEqual([2, 2]);
    });

    test('are left out when 0.7.2 could not read them', async () => {
      await using server = await startTestServer({ dialect });
      const alice = await signUp(server);
      await using socket = await connect(alice);
      for (const length of [1024 * 1024, 1_000_000]) {
        server.context.hub.notify([alice.slug], { type: 'space_update', space_id: SPACE, name: 'x'.repeat(length) });
      }
      const { name } = await socket.frame(({ type }) => type === 'space_update');
      expect(textOf(name)).toHaveLength(1_000_000);
    });
  });

  describe('the end', () => {
    test('comes with 4403 for a revoked device, and for everybody of an identity', async () => {
      await using server = await startTestServer({ dialect });
      const [alice, bob] = [await signUp(server, 'alice'), await signUp(server, 'bob')];
      await using own = await connect(alice);
      await using one = await connect(bob);
      await using two = await connect(bob);
      server.context.hub.disconnect({ deviceId: alice.deviceId });
      server.context.hub.disconnect({ slug: bob.slug });
      for (const socket of [own, one, two]) expect((await socket.closed).code).toBe(4403);
    });

    test('comes with 1012 for everybody when the server stops, at once', async () => {
      const server = await startTestServer({ dialect });
      await using socket = await connect(await signUp(server));
      await using newcomer = await openSocket(server);
      await server[Symbol.asyncDispose]();
      expect((await socket.closed).code).toBe(1012);
      expect((await newcomer.closed).code).toBe(1012);
    });

    test('of clients that do not answer does not hold up the server', async () => {
      const server = await startTestServer({ dialect });
      await using socket = await connect(await signUp(server));
      socket.socket.pause();
      await server[Symbol.asyncDispose]();
      expect(socket.socket.readyState).toBe(WebSocket.OPEN);
    });
  });
});

const KEY = Buffer.alloc(16).toString('base64');
const SPACE = 'sp_0c7e1d5e-0000-4000-8000-000000000000' as never;
