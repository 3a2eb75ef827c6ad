import { afterEach, describe, expect, test } from 'vitest';
import { settle, until } from './mailbox-kit/fake-time.ts';
import { alice, bob, closeAll, from, random, read, setUp } from './mailbox-kit/mailbox-setup.ts';
import { away, changed, memberOf } from './mailbox-kit/mailbox-world.ts';

afterEach(closeAll);

describe('a message that cannot be judged now', () => {
  test('waits while the directory is away, unacknowledged, and is verified when it is back', async () => {
    const world = setUp();
    const { server, connection, directory, time } = world;
    server.post(await from(alice, 'one'));
    server.post(await from(bob, 'two'));
    directory.failure = away;
    const reading = read(world.open(), world);
    connection.open();
    await time.advance(600_000);
    expect(reading.words).toEqual([]);
    expect(server.pending.size).toBe(2);
    expect(directory.asked.length).toBeLessThan(100);
    directory.failure = undefined;
    await time.advance(61_000);
    expect(reading.words).toEqual(['one', 'two']);
    expect(server.pending.size).toBe(0);
  });

  test('is tried at once after a reconnect', async () => {
    const world = setUp();
    const { server, connection, directory, time } = world;
    server.post(await from(alice, 'one'));
    directory.failure = away;
    const reading = read(world.open(), world);
    connection.open();
    await time.advance(600_000);
    connection.close();
    directory.failure = undefined;
    connection.open();
    await until(() => reading.words.length === 1);
    expect(reading.words).toEqual(['one']);
  });

  test('holds up others for seconds at most, also when the directory does not answer at all', async () => {
    const world = setUp();
    const { server, connection, directory, time } = world;
    const find = directory.findSubkey;
    directory.findSubkey = (slug, id) => (slug === alice.slug ? new Promise(() => undefined) : find(slug, id));
    server.post(await from(alice, 'one'));
    server.post(await from(bob, 'two'));
    server.post(await from(alice, 'three'));
    server.post(await from(bob, 'four'));
    const reading = read(world.open(), world);
    connection.open();
    await time.advance(20_000);
    expect(reading.words).toEqual(['two', 'four']);
  });

  test('keeps the order when the directory is away for a moment only', async () => {
    const world = setUp();
    const { server, connection, directory, time } = world;
    const find = directory.findSubkey;
    let failures = 4;
    directory.findSubkey = (slug, id) =>
      slug === alice.slug && failures-- > 0 ? Promise.reject(away) : find(slug, id);
    for (const [who, word] of [
      [alice, 'one'],
      [bob, 'two'],
      [alice, 'three'],
    ] as const)
      server.post(await from(who, word));
    const reading = read(world.open(), world);
    connection.open();
    await time.advance(10_000);
    expect(reading.words).toEqual(['one', 'two', 'three']);
  });

  test('with a subkey that is registered a moment later is verified then', async () => {
    const world = setUp();
    const { server, connection, directory, time } = world;
    const fresh = memberOf(alice.slug, alice.keys, { random });
    server.post(await from(fresh, 'one'));
    server.post(await from(bob, 'two'));
    const reading = read(world.open(), world);
    connection.open();
    await until(() => reading.words.length === 1);
    expect(reading.words).toEqual(['two']);
    directory.know(fresh);
    await time.advance(6000);
    expect(reading.words).toEqual(['two', 'one']);
  });

  test('is verified as soon as the certificate is pushed', async () => {
    const world = setUp();
    const { server, connection, directory } = world;
    const fresh = memberOf(alice.slug, alice.keys, { random });
    server.post(await from(fresh, 'one'));
    const reading = read(world.open(), world);
    connection.open();
    await settle();
    directory.know(fresh);
    connection.say({ type: 'cert_update', entry: { seq: 1, kind: 'subkey_cert', slug: alice.slug, cert: {} } });
    await until(() => reading.words.length === 1);
    expect(reading.words).toEqual(['one']);
  });

  test('is unreadable when nobody knows its subkey after a few tries', async () => {
    const world = setUp();
    const { server, connection, time } = world;
    server.post(await from(memberOf(alice.slug, alice.keys, { random }), 'one'));
    const reading = read(world.open(), world);
    connection.open();
    await time.advance(17_000);
    expect(reading.words).toEqual([]);
    await time.advance(2000);
    expect(reading.words).toEqual(['unknown-subkey']);
    await time.advance(5);
    expect(server.pending.size).toBe(0);
  });

  test('does not fill the window for ever: what lies behind is asked for', async () => {
    const world = setUp();
    const { server, connection, directory, time } = world;
    const find = directory.findSubkey;
    directory.findSubkey = (slug, id) => (slug === alice.slug ? Promise.reject(away) : find(slug, id));
    const reading = read(world.open(), world);
    connection.open();
    await settle();
    for (let count = 0; count < 10; count++) connection.deliver(server.post(await from(alice, `held ${count}`)));
    // The server sends nothing more: ten are unacknowledged.
    server.post(await from(bob, 'behind'));
    await time.advance(31_000);
    expect(reading.words).toEqual(['behind']);
    const { length } = server.lists;
    await time.advance(600_000);
    expect(server.lists.length - length).toBeLessThan(20);
  });
});

describe('a large catch-up', () => {
  test('lets others have their turn, and keeps the order', async () => {
    const world = setUp();
    const count = 1500;
    const envelope = await from(alice, 'x');
    for (let index = 0; index < count; index++) {
      const id = `msg_${index.toString(16).padStart(8, '0')}-1ce4-497e-930f-bac3583e371e`;
      world.server.post(changed(envelope, { envelope_id: id }), count - index);
    }
    const reading = read(world.open(), world);
    world.connection.open();
    let turns = 0;
    while (reading.inbound.length < count) {
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
      if (turns % 20 === 0) await world.time.advance(5);
      expect(turns).toBeLessThan(20_000);
    }
    expect(turns).toBeGreaterThan(50);
    expect(reading.inbound.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    await world.time.advance(5);
    expect(world.server.pending.size).toBe(0);
  });

  test('beyond the limit is left with the server and fetched when there is room', async () => {
    const world = setUp({ limits: { live: 4, pending: 6 } });
    for (let count = 1; count <= 20; count++) world.server.post(await from(alice, `${count}`));
    const reading = read(world.open(), world);
    world.connection.open();
    await until(() => reading.words.length === 6);
    world.connection.deliver(world.server.post(await from(alice, '21')));
    await world.time.advance(600_000);
    expect(reading.words).toEqual(Array.from({ length: 21 }, (_, index) => `${index + 1}`));
    expect(world.server.pending.size).toBe(0);
  });
});
