import { afterEach, describe, expect, test } from 'vitest';
import { settle, until } from './mailbox-kit/fake-time.ts';
import { alice, bob, closeAll, from, read, setUp } from './mailbox-kit/mailbox-setup.ts';
import { away } from './mailbox-kit/mailbox-world.ts';

afterEach(closeAll);

describe('catching up', () => {
  test('is done when what was pending is handed over and acknowledged', async () => {
    const world = setUp();
    const { server, connection, time } = world;
    server.post(await from(alice, 'one'));
    const mailbox = world.open();
    let isCaughtUp = false;
    const caughtUp = mailbox.caughtUp().then(() => (isCaughtUp = true));
    const reading = read(mailbox, world, false);
    connection.open();
    await until(() => reading.words.length === 1);
    await time.advance(1000);
    expect(isCaughtUp).toBe(false);
    mailbox.acknowledge([reading.inbound[0]!.envelopeId]);
    await time.advance(5);
    await caughtUp;
    expect(server.pending.size).toBe(0);
  });

  test('counts what is pending when it is called', async () => {
    const world = setUp();
    const { server, connection, time } = world;
    const mailbox = world.open();
    const reading = read(mailbox, world);
    connection.open();
    await settle();
    server.post(await from(alice, 'not announced'));
    const caughtUp = mailbox.caughtUp();
    await until(() => reading.words.length === 1);
    await time.advance(5);
    await caughtUp;
    expect(server.pending.size).toBe(0);
  });

  test('can be called off, and ends with the mailbox', async () => {
    const world = setUp();
    const mailbox = world.open();
    const stopping = new AbortController();
    const first = mailbox.caughtUp(stopping.signal).catch((error: unknown) => error);
    stopping.abort(new Error('enough'));
    expect(await first).toMatchObject({ message: 'enough' });
    const second = mailbox.caughtUp().catch((error: unknown) => error);
    await mailbox[Symbol.asyncDispose]();
    expect(await second).toMatchObject({ code: 'closed' });
  });
});

describe('closing a mailbox', () => {
  test('ends the stream, leaves no timer and says what is left to acknowledge', async () => {
    const world = setUp();
    world.server.post(await from(alice, 'one'));
    const mailbox = world.open();
    const reading = read(mailbox, world);
    world.connection.open();
    await until(() => reading.words.length === 1);
    await mailbox[Symbol.asyncDispose]();
    await reading.ended;
    expect(world.time.sleepers).toBe(0);
    expect(world.server.pending.size).toBe(0);
  });

  test('works before anything has happened, and while everything is away', async () => {
    const world = setUp();
    await world.open()[Symbol.asyncDispose]();
    const other = setUp();
    other.directory.failure = away;
    other.server.post(await from(alice, 'one'));
    other.server.post(await from(bob, 'two'));
    const mailbox = other.open();
    other.connection.open();
    await other.time.advance(3000);
    other.server.failure = away;
    other.connection.close();
    other.connection.open();
    await settle();
    await mailbox[Symbol.asyncDispose]();
    expect(other.time.sleepers).toBe(0);
  });
});
