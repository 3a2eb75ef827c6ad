import { afterEach, describe, expect, test } from 'vitest';
import type { CertEntry } from '@puffo/protocol';
import { settle, until } from './mailbox-kit/fake-time.ts';
import { alice, bob, closeAll, from, me, read, setUp } from './mailbox-kit/mailbox-setup.ts';
import { away, changed, createFakeDirectory, idOf } from './mailbox-kit/mailbox-world.ts';

afterEach(closeAll);

describe('a mailbox without a connection', () => {
  test('hands over what is pending in the order of the server, and ends', async () => {
    const world = setUp({ isLive: false });
    world.server.post(await from(alice, 'second'), 20);
    world.server.post(await from(bob, 'third'), 30);
    world.server.post(await from(me, 'first, from another device of mine'), 10);
    const mailbox = world.open();
    const reading = read(mailbox, world);
    await reading.ended;
    expect(reading.words).toEqual(['first, from another device of mine', 'second', 'third']);
    expect(reading.inbound.map(({ seq }) => seq)).toEqual([10, 20, 30]);
    const caughtUp = mailbox.caughtUp();
    await world.time.advance(5);
    await caughtUp;
    expect(world.server.pending.size).toBe(0);
  });

  test('acknowledges in requests of 25, and nothing that was not acknowledged', async () => {
    const world = setUp({ isLive: false });
    for (let count = 0; count < 60; count++) world.server.post(await from(alice, `${count}`));
    const mailbox = world.open();
    const { ended, inbound } = read(mailbox, world, false);
    await ended;
    await world.time.advance(60_000);
    expect(world.server.httpAcks).toEqual([]);
    mailbox.acknowledge(inbound.slice(0, 55).map(({ envelopeId }) => envelopeId));
    await world.time.advance(5);
    expect(world.server.httpAcks).toEqual([25, 25, 5]);
    expect(world.server.pending.size).toBe(5);
  });

  test('keeps acknowledgements that fail and says them again', async () => {
    const world = setUp({ isLive: false });
    world.server.post(await from(alice, 'one'));
    const mailbox = world.open();
    await read(mailbox, world).ended;
    world.server.failure = away;
    await world.time.advance(1000);
    expect(world.server.pending.size).toBe(1);
    world.server.failure = undefined;
    await world.time.advance(60_000);
    expect(world.server.pending.size).toBe(0);
  });

  test('tells its reader that the server cannot be asked', async () => {
    const world = setUp({ isLive: false });
    world.server.failure = away;
    const mailbox = world.open();
    await expect(read(mailbox, world).ended).rejects.toBe(away);
    await expect(mailbox.caughtUp()).rejects.toBe(away);
  });

  test('leaves what cannot be verified now for another time, and ends all the same', async () => {
    const world = setUp({ isLive: false });
    world.server.post(await from(alice, 'hello'));
    world.directory.failure = away;
    const mailbox = world.open();
    const reading = read(mailbox, world);
    const caughtUp = mailbox.caughtUp().catch((error: unknown) => error);
    await world.time.advance(300_000);
    await reading.ended;
    expect(await caughtUp).toMatchObject({ code: 'unreachable', retryable: true });
    expect(reading.words).toEqual([]);
    expect(world.server.pending.size).toBe(1);
  });
});

describe('with a connection', () => {
  test('what is pending comes first, then what came meanwhile, each once', async () => {
    const world = setUp();
    const { server, connection } = world;
    let open = () => {};
    server.gate = new Promise((resolve) => (open = resolve));
    server.post(await from(alice, 'one'));
    const two = server.post(await from(alice, 'two'));
    const reading = read(world.open(), world);
    connection.open();
    connection.deliver(two);
    const three = server.post(await from(bob, 'three'));
    server.pending.delete(idOf(three.envelope));
    connection.deliver(three);
    await settle();
    expect(reading.words).toEqual([]);
    open();
    await until(() => reading.words.length === 3);
    const four = server.post(await from(bob, 'four'));
    connection.deliver(four);
    connection.deliver(four);
    await until(() => reading.words.length === 4);
    await settle();
    expect(reading.words).toEqual(['one', 'two', 'three', 'four']);
  });

  test('the directory is told whether there is a connection', async () => {
    const world = setUp();
    const mailbox = world.open();
    world.connection.open();
    world.connection.close();
    world.connection.open();
    await settle();
    await mailbox[Symbol.asyncDispose]();
    expect(world.directory.connected).toEqual([true, false, true, false]);
  });

  test('several acknowledgements are one frame', async () => {
    const world = setUp();
    for (let count = 0; count < 8; count++) world.server.post(await from(alice, `${count}`));
    const reading = read(world.open(), world);
    world.connection.open();
    await until(() => reading.inbound.length === 8);
    await world.time.advance(5);
    expect(world.connection.ackFrames).toEqual([8]);
    expect(world.server.pending.size).toBe(0);
    expect(world.server.httpAcks).toEqual([]);
  });

  test('nothing is acknowledged that the reader did not acknowledge', async () => {
    const world = setUp();
    world.server.post(await from(alice, 'one'));
    world.server.post(changed(await from(alice, 'two'), { version: 2 }));
    const reading = read(world.open(), world, false);
    world.connection.open();
    await until(() => reading.inbound.length === 2);
    await world.time.advance(60_000);
    expect(world.connection.acked).toEqual([]);
  });

  test('a reconnect brings nothing twice, and lost acknowledgements are said again', async () => {
    const world = setUp();
    const { server, connection, time } = world;
    server.post(await from(alice, 'one'));
    const reading = read(world.open(), world);
    connection.open();
    connection.isLossy = true;
    await until(() => reading.words.length === 1);
    await time.advance(5);
    expect(server.pending.size).toBe(1);
    connection.close();
    connection.isLossy = false;
    server.post(await from(alice, 'two'));
    connection.open();
    await until(() => reading.words.length === 2);
    await time.advance(5);
    expect(server.pending.size).toBe(0);
    expect(reading.words).toEqual(['one', 'two']);
  });

  test('acknowledgements wait for the next connection', async () => {
    const world = setUp();
    const { server, connection, time } = world;
    server.post(await from(alice, 'one'));
    const mailbox = world.open();
    const reading = read(mailbox, world, false);
    connection.open();
    await until(() => reading.words.length === 1);
    connection.close();
    mailbox.acknowledge(reading.inbound.map(({ envelopeId }) => envelopeId));
    await time.advance(60_000);
    expect(server.pending.size).toBe(1);
    connection.open();
    await time.advance(5);
    expect(server.pending.size).toBe(0);
    expect(reading.words).toEqual(['one']);
  });

  test('after a restart the caller’s own record counts, and what is known is acknowledged without a word', async () => {
    const world = setUp();
    const { server, connection, store, time } = world;
    const known = server.post(await from(alice, 'one'));
    server.post(await from(alice, 'two'));
    store.commit(idOf(known.envelope));
    const reading = read(world.open(), world);
    connection.open();
    await until(() => reading.words.length === 1);
    await time.advance(5);
    expect(reading.words).toEqual(['two']);
    expect(server.pending.size).toBe(0);
  });

  test('a server that repeats everything for ever is answered every time and heard once', async () => {
    const world = setUp();
    const { server, connection, time } = world;
    server.isDeaf = true;
    const posted = server.post(await from(alice, 'one'));
    const reading = read(world.open(), world);
    for (let round = 0; round < 5; round++) {
      connection.open();
      connection.deliver(posted);
      await settle();
      await time.advance(5);
      connection.close();
    }
    expect(reading.words).toEqual(['one']);
    expect(connection.acked.length).toBeGreaterThanOrEqual(5);
    expect(server.lists.length).toBeLessThanOrEqual(5);
  });

  test('a list that fails is asked for again; after a while what is live goes on without it', async () => {
    const world = setUp();
    const { server, connection, time } = world;
    server.post(await from(alice, 'one'));
    server.failure = away;
    const reading = read(world.open(), world);
    connection.open();
    connection.deliver(server.post(await from(bob, 'two')));
    await settle();
    expect(reading.words).toEqual([]);
    await time.advance(30_000);
    expect(reading.words).toEqual(['two']);
    server.failure = undefined;
    await time.advance(60_000);
    expect(reading.words).toEqual(['two', 'one']);
  });

  test('other frames come through in order, certificates after the directory has them', async () => {
    const world = setUp();
    const entry: CertEntry = { seq: 7, kind: 'subkey_cert', slug: alice.slug, cert: {} };
    const noted: number[] = [];
    const mailbox = setUp({
      directory: world.directory,
      onFrame: (frame) => void noted.push(frame.type === 'cert_update' ? world.directory.noted.length : -1),
    });
    mailbox.open();
    mailbox.connection.open();
    mailbox.connection.say({ type: 'event', scope: 'sp_1', event: {} });
    mailbox.connection.say({ type: 'cert_update', entry });
    mailbox.connection.say({ type: 'event', scope: 'sp_2', event: {} });
    await until(() => noted.length === 3);
    expect(noted).toEqual([-1, 1, -1]);
    expect(world.directory.noted).toEqual([7]);
  });

  test('a listener or directory that fails does not end it', async () => {
    const broken = createFakeDirectory();
    broken.know(alice);
    broken.noteCert = () => Promise.reject(away);
    const world = setUp({
      directory: broken,
      onFrame: () => {
        throw new Error('broken');
      },
    });
    const reading = read(world.open(), world);
    world.connection.open();
    world.connection.say({ type: 'cert_update', entry: { seq: 1, kind: 'subkey_cert', slug: alice.slug, cert: {} } });
    world.connection.deliver(world.server.post(await from(alice, 'one')));
    await until(() => reading.words.length === 1);
    expect(reading.words).toEqual(['one']);
  });

  test('a reader that does not read has ten verified messages ahead and no more', async () => {
    const world = setUp();
    for (let count = 0; count < 40; count++) world.server.post(await from(alice, `${count}`));
    const judged: string[] = [];
    world.store.hasReplayKey = async (key) => judged.push(key) === 0;
    const mailbox = world.open();
    world.connection.open();
    await settle(50);
    expect(judged).toHaveLength(10);
    const reading = read(mailbox, world);
    await until(() => reading.words.length === 40);
  });

  test('when the device is not let in any more, what is there is handed over, and it ends', async () => {
    const world = setUp();
    world.server.post(await from(alice, 'one'));
    const reading = read(world.open(), world);
    world.connection.open();
    await until(() => reading.words.length === 1);
    world.connection.stop();
    await reading.ended;
    await world.time.advance(5);
    expect(world.server.httpAcks).toEqual([1]);
  });
});
