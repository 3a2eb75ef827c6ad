import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom, silentLogger } from '@puffo/base';
import { generateSigningKey, parseSlug, subkeyIdOf, verifyKeyBytes } from '@puffo/protocol';
import {
  ClientError,
  type Connection,
  type ConnectionEvent,
  type ConnectionState,
  createConnection,
  type Session,
  type SubkeyCredentials,
} from '../src/index.ts';
import { createFakeSockets } from './mailbox-kit/fake-socket.ts';
import { createFakeTime, settle, until } from './mailbox-kit/fake-time.ts';

const NOW = 1_778_400_000_000;
const SLUG = parseSlug('alice-0001');
const random = seededRandom(7);
const CONNECTED = { type: 'connected', session_id: 'session' };

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each[Symbol.asyncDispose]()));
});

function createCredentials(): SubkeyCredentials {
  const signingKey = generateSigningKey(random);
  return { slug: SLUG, signerId: subkeyIdOf(verifyKeyBytes(signingKey.verifyKey)), signingKey };
}

interface TestSession extends Pick<Session, 'getSubkey' | 'renewSubkey'> {
  current: SubkeyCredentials;
  readonly refused: string[];
  asked: number;
  failure: Error | undefined;
}

function createSession(): TestSession {
  const session: TestSession = {
    current: createCredentials(),
    refused: [],
    asked: 0,
    failure: undefined,
    async getSubkey() {
      session.asked++;
      if (session.failure !== undefined) throw session.failure;
      return session.current;
    },
    async renewSubkey(refused) {
      if (session.failure !== undefined) throw session.failure;
      session.refused.push(refused);
      session.current = createCredentials();
      return session.current;
    },
  };
  return session;
}

function start({ isRead = true }: { readonly isRead?: boolean } = {}) {
  const time = createFakeTime(NOW);
  const sockets = createFakeSockets();
  const session = createSession();
  const connection = createConnection({
    openSocket: sockets.open,
    serverUrl: 'https://chat.test/relay/',
    session,
    context: { clock: time.now, random, log: silentLogger },
    sleep: time.sleep,
  });
  opened.push(connection);
  const events: ConnectionEvent[] = [];
  const states: ConnectionState[] = [];
  connection.onState((state) => states.push(state));
  const reading = isRead ? read(connection, events) : Promise.resolve();

  async function connect() {
    await settle();
    sockets.last.accept();
    sockets.last.say(CONNECTED);
    await until(() => connection.state === 'open');
  }

  return { time, sockets, session, connection, events, states, reading, connect };
}

async function read(connection: Connection, events: ConnectionEvent[]): Promise<void> {
  for await (const event of connection.events) events.push(event);
}

const kindsOf = (events: readonly ConnectionEvent[]) => events.map(({ kind, connection }) => `${kind} ${connection}`);

describe('a connection', () => {
  test('introduces itself with a signed frame, and is open when the server has greeted', async () => {
    const { sockets, session, connection, events, states, connect } = start();
    await settle();
    expect(sockets.last).toMatchObject({ url: 'wss://chat.test/relay/subscribe', sent: [] });
    await connect();
    const [frame] = sockets.last.sent;
    expect(frame).toMatchObject({ type: 'connect', slug: SLUG, subkey_id: session.current.signerId, timestamp: NOW });
    await settle();
    expect(events).toEqual([{ kind: 'open', connection: 1 }]);
    expect(states).toEqual(['open']);
    expect(connection.send({ type: 'ack', envelope_ids: [] })).toBe(true);
    expect(sockets.last.sent[1]).toEqual({ type: 'ack', envelope_ids: [] });
  });

  test('sends nothing before it is open, and says so', async () => {
    const { sockets, connection } = start();
    await settle();
    sockets.last.accept();
    expect(connection.send({ type: 'pong' })).toBe(false);
    expect(sockets.last.sent).toHaveLength(1);
  });

  test('answers a ping at once, whether its events are read or not', async () => {
    const { sockets, connect } = start({ isRead: false });
    await connect();
    sockets.last.say({ type: 'ping' });
    expect(sockets.last.sent.at(-1)).toEqual({ type: 'pong' });
  });

  test.each([
    ['text that is no JSON', 'what?'],
    ['an array', '[]'],
    ['a known frame without its members', '{"type":"message"}'],
    ['a frame of a kind that nobody knows', '{"type":"fireworks"}'],
    ['a frame above the limit', JSON.stringify({ type: 'error', error: 'x'.repeat(1024 * 1024) })],
    ['a second greeting', JSON.stringify(CONNECTED)],
  ])('passes over %s', async (_name, text) => {
    const { sockets, connection, events, connect } = start();
    await connect();
    sockets.last.sayText(text);
    sockets.last.say({ type: 'space_update', space_id: 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db' });
    await until(() => events.length === 2);
    expect(events[1]).toMatchObject({ kind: 'frame', frame: { type: 'space_update' } });
    expect(connection.state).toBe('open');
  });

  test('is not open when something else comes first', async () => {
    const { sockets, connection, events } = start();
    await settle();
    sockets.last.accept();
    sockets.last.say({ type: 'message', seq: 1, envelope: {} });
    await until(() => connection.state === 'waiting');
    expect(sockets.last.closedWith).toBe(4400);
    sockets.last.say(CONNECTED);
    await settle();
    expect(events).toEqual([]);
  });

  test.each([
    ['the greeting', 5000, true],
    ['the socket', 20_000, false],
  ])('does not wait for %s for ever', async (_name, delayMs, isAccepted) => {
    const { time, sockets, connection } = start();
    await settle();
    if (isAccepted) sockets.last.accept();
    await time.advance(delayMs - 1);
    expect(connection.state).toBe('connecting');
    await time.advance(1);
    expect(connection.state).toBe('waiting');
    expect(sockets.last.closedWith).toBe(4400);
  });

  test('that hears nothing for 90 seconds is closed and opened again; any frame counts', async () => {
    const { time, sockets, connection, events, connect } = start();
    await connect();
    await time.advance(89_000);
    sockets.last.say({ type: 'fireworks' });
    await time.advance(89_999);
    expect(connection.state).toBe('open');
    await time.advance(1);
    expect(sockets.last.closedWith).toBe(4408);
    await time.advance(2000);
    expect(sockets.all).toHaveLength(2);
    await connect();
    await settle();
    expect(kindsOf(events)).toEqual(['open 1', 'closed 1', 'open 2']);
  });

  test('does not take a clock that is set back for silence, or for life', async () => {
    const { time, connection, connect } = start();
    await connect();
    time.jump(-3_600_000);
    await time.advance(89_999);
    expect(connection.state).toBe('open');
    await time.advance(90_001);
    expect(connection.state).not.toBe('open');
  });
});

describe('after the end of a connection', () => {
  test.each([1000, 1001, 1006, 1011, 1012, 1013, 4400, 4408, 4999])(
    'with %i the next try waits at least a second',
    async (code) => {
      const { time, sockets, events, connect } = start();
      await connect();
      sockets.last.close(code);
      await until(() => events.length === 2);
      const [, closed] = events;
      expect(closed).toMatchObject({ kind: 'closed', connection: 1, code });
      await time.advance(999);
      expect(sockets.all).toHaveLength(1);
      await time.advance(1000);
      expect(sockets.all).toHaveLength(2);
    },
  );

  test('a server that greets and closes politely is not called in a loop', async () => {
    const { time, sockets } = start();
    const hour = 3_600_000;
    for (const end = time.now() + hour; time.now() < end;) {
      await settle();
      if (sockets.last.closedWith === undefined && sockets.last.sent.length === 0) {
        sockets.last.accept();
        sockets.last.say(CONNECTED);
        sockets.last.close(1000);
      }
      await time.advance(1000);
    }
    expect(sockets.all.length).toBeLessThan(200);
    expect(sockets.all.length).toBeGreaterThan(50);
  });

  test('an older socket is not heard any more', async () => {
    const { time, sockets, events, connect } = start();
    await connect();
    const [old] = sockets.all;
    old!.close(1006);
    await time.advance(2000);
    await connect();
    old!.say({ type: 'space_update', space_id: 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db' });
    old!.close(4403);
    await settle();
    expect(kindsOf(events)).toEqual(['open 1', 'closed 1', 'open 2']);
  });

  test('4401 gets another subkey, once for each refusal, and after a wait', async () => {
    const { time, sockets, session, connection } = start();
    await settle();
    const first = session.current.signerId;
    sockets.last.accept();
    sockets.last.say({ type: 'error', error: 'UNAUTHORIZED' });
    sockets.last.close(4401);
    await until(() => connection.state === 'waiting');
    expect(session.refused).toEqual([]);
    await time.advance(2000);
    expect(session.refused).toEqual([first]);
    sockets.last.accept();
    expect(sockets.last.sent[0]).toMatchObject({ subkey_id: session.current.signerId });
    sockets.last.close(1006);
    await time.advance(4000);
    expect(sockets.all).toHaveLength(3);
    expect(session.refused).toEqual([first]);
  });

  test('a server that refuses every subkey is not called in a loop', async () => {
    const { time, sockets, session } = start();
    for (const end = time.now() + 3_600_000; time.now() < end;) {
      await settle();
      if (sockets.last.sent.length === 0) {
        sockets.last.accept();
        sockets.last.close(4401);
      }
      await time.advance(1000);
    }
    expect(session.refused.length).toBeLessThan(200);
    expect(session.refused.length).toBe(sockets.all.length - 1);
  });

  test('4403 stops it for good', async () => {
    const { time, sockets, connection, events, states, reading, connect } = start();
    await connect();
    sockets.last.close(4403);
    await reading;
    expect(events.at(-1)).toEqual({ kind: 'closed', connection: 1, code: 4403 });
    expect(connection.state).toBe('stopped');
    expect(states).toEqual(['open', 'stopped']);
    await time.advance(3_600_000);
    expect(sockets.all).toHaveLength(1);
  });
});

describe('without a subkey', () => {
  test('nothing is opened; it is asked for again with growing pauses', async () => {
    const { time, sockets, session, connection, connect } = start();
    await connect();
    session.failure = new ClientError('away', { code: 'unreachable', retryable: true });
    sockets.last.close(1006);
    await time.advance(600_000);
    expect(connection.state).toBe('waiting');
    expect(sockets.all).toHaveLength(1);
    expect(session.asked).toBeGreaterThan(10);
    expect(session.asked).toBeLessThan(60);
    session.failure = undefined;
    await time.advance(60_000);
    expect(sockets.all.length).toBeGreaterThan(1);
  });

  test('the server is not asked sooner than it wishes', async () => {
    const { time, sockets, session, connect } = start();
    await connect();
    session.failure = new ClientError('slow down', { code: 'rate-limited', retryable: true, retryAfterMs: 100_000 });
    sockets.last.close(1006);
    await time.advance(2000);
    session.failure = undefined;
    await time.advance(99_000);
    expect(sockets.all).toHaveLength(1);
    await time.advance(1000);
    expect(sockets.all).toHaveLength(2);
  });
});

describe('a reader that does not read', () => {
  test('costs the connection, not the memory; it comes back when the reader goes on', async () => {
    const { time, sockets, connection, events, connect } = start({ isRead: false });
    await connect();
    const frame = { type: 'space_update', space_id: 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db' };
    for (let count = 0; count < 3000; count++) sockets.last.say(frame);
    await until(() => connection.state === 'waiting');
    expect(sockets.last.closedWith).toBe(1000);
    await time.advance(600_000);
    expect(sockets.all).toHaveLength(1);
    const reading = read(connection, events);
    await time.advance(1000);
    expect(sockets.all).toHaveLength(2);
    expect(events.filter(({ kind }) => kind === 'frame').length).toBeLessThanOrEqual(2000);
    expect(events.at(-1)).toMatchObject({ kind: 'closed', code: 1000 });
    await connection[Symbol.asyncDispose]();
    await reading;
  });
});

describe('closing', () => {
  test.each(['connecting', 'greeting', 'open', 'waiting'])('while it is %s ends everything', async (phase) => {
    const { time, sockets, connection, reading, connect } = start();
    await settle();
    if (phase === 'greeting') sockets.last.accept();
    if (phase === 'open' || phase === 'waiting') await connect();
    if (phase === 'waiting') sockets.last.close(1006);
    await settle();
    await connection[Symbol.asyncDispose]();
    await reading;
    expect(connection.state).toBe('stopped');
    expect(connection.send({ type: 'pong' })).toBe(false);
    expect(time.sleepers).toBe(0);
    if (phase !== 'waiting') expect(sockets.last.closedWith).toBe(1000);
    await time.advance(3_600_000);
    expect(sockets.all).toHaveLength(1);
  });

  test('does not wait for a subkey that does not come', async () => {
    const time = createFakeTime(NOW);
    const connection = createConnection({
      openSocket: createFakeSockets().open,
      serverUrl: 'http://chat.test',
      session: { getSubkey: () => new Promise(() => undefined), renewSubkey: () => new Promise(() => undefined) },
      context: { clock: time.now, random, log: silentLogger },
      sleep: time.sleep,
    });
    await connection[Symbol.asyncDispose]();
    expect(connection.state).toBe('stopped');
  });

  test('by the signal is the same', async () => {
    const time = createFakeTime(NOW);
    const sockets = createFakeSockets();
    const stopping = new AbortController();
    const connection = createConnection({
      openSocket: sockets.open,
      serverUrl: 'http://chat.test',
      session: createSession(),
      context: { clock: time.now, random, log: silentLogger },
      signal: stopping.signal,
      sleep: time.sleep,
    });
    await settle();
    stopping.abort();
    await until(() => connection.state === 'stopped');
    expect(sockets.last.closedWith).toBe(1000);
    expect(time.sleepers).toBe(0);
  });

  test('a listener that fails does not end the connection', async () => {
    const { connection, connect } = start();
    connection.onState(() => {
      throw new Error('broken');
    });
    await connect();
    expect(connection.state).toBe('open');
  });
});
