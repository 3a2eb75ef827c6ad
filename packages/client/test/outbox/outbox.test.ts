import { seededRandom } from '@puffo/base';
import { createSpaceId, type Route, type Slug } from '@puffo/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { ClientError } from '../../src/client-error.ts';
import type { OutboxRow, OutboxStore } from '../../src/outbox/outbox-store.ts';
import { devicesOf, failure, readAs, refusal } from './chat-world.ts';
import { codeOf, createScene, PATIENT, text } from './scene.ts';

describe('a message', () => {
  it('is readable by every device of everybody in the conversation, own ones included', async () => {
    const { alice, bob, route, directory, server, open } = createScene();
    alice.addDevice();
    bob.addDevice();
    for (const person of [alice, bob]) directory.know(person);
    await using outbox = open();
    const { envelopeId, sent } = await outbox.send(text(route));
    expect(await sent).toEqual({ envelopeId, seq: 1 });
    const object = server.accepted.get(envelopeId)?.object ?? {};
    for (const device of [...alice.devices, ...bob.devices]) expect(readAs(device, object)).toBe('hello');
    expect(devicesOf(object)).toHaveLength(4);
  });

  it('says what was asked for: thread, answer and visibility', async () => {
    const { route, server, store, open } = createScene();
    await using outbox = open();
    const first = await outbox.send(text(route));
    const references = { threadRootId: first.envelopeId, replyToId: first.envelopeId, isVisibleToHuman: false };
    const second = await outbox.send({ ...text(route), ...references });
    await second.sent;
    expect(await store.find(second.envelopeId)).toMatchObject(references);
    expect(server.accepted.size).toBe(2);
  });

  it('is never sealed for devices that are revoked', async () => {
    const { bob, route, directory, server, open } = createScene();
    const lost = bob.addDevice();
    bob.revoke(lost.deviceId);
    directory.know(bob);
    await using outbox = open();
    const { envelopeId, sent } = await outbox.send(text(route));
    await sent;
    const object = server.accepted.get(envelopeId)?.object ?? {};
    expect(readAs(lost, object)).toBe('no_recipient_entry');
    expect(readAs(bob.devices[0]!, object)).toBe('hello');
  });

  it('leaves its record without a key when it is sent', async () => {
    const { route, store, open } = createScene();
    await using outbox = open();
    const { envelopeId, sent } = await outbox.send(text(route));
    await sent;
    await expect
      .poll(() => store.find(envelopeId))
      .toMatchObject({ state: 'sent', sealed: null, seq: 1, failure: null });
  });

  it('keeps its order within a conversation, and does not wait for another conversation', async () => {
    const { bob, route, server, open } = createScene();
    await using outbox = open({ backoff: PATIENT });
    server.failures.push({ when: 'before', error: failure('unreachable') });
    const held = [await outbox.send(text(route, 'one')), await outbox.send(text(route, 'two'))];
    await vi.waitFor(() => expect(server.posted).toHaveLength(1));
    const other = await outbox.send(text({ kind: 'dm', recipientSlug: bob.slug }, 'elsewhere'));
    await other.sent;
    outbox.flush();
    await Promise.all(held.map(({ sent }) => sent));
    const contents = [...server.accepted.values()].map(({ object }) => readAs(bob.devices[0]!, object));
    expect(contents).toEqual(['elsewhere', 'one', 'two']);
  });

  it('does not wait for more conversations than may be served at once, while those wait for better times', async () => {
    const { bob, route, server, open } = createScene();
    await using outbox = open({ backoff: PATIENT, parallel: 1 });
    server.failures.push({ when: 'before', error: failure('unreachable') });
    await outbox.send(text(route));
    await vi.waitFor(() => expect(server.posted).toHaveLength(1));
    const other = await outbox.send(text({ kind: 'dm', recipientSlug: bob.slug }));
    expect(await other.sent).toMatchObject({ seq: 1 });
  });
});

describe('what cannot be sent', () => {
  const { route } = createScene();
  it.each([
    ['a content that is too large', { ...text(route), content: 'x'.repeat(600_000) }, /too large/],
    ['a content that is too large once it is escaped', { ...text(route), content: 'é'.repeat(100_000) }, /too large/],
    ['a fraction', { ...text(route), content: { at: 0.5 } }, /cannot be signed/],
    ['a lone surrogate', { ...text(route), content: '\ud800' }, /Unicode/],
    ['nothing', { ...text(route), content: undefined as never }, /no content/],
    ['no type', { ...text(route), contentType: '' }, /content type/],
    ['a route to nobody', text({ kind: 'dm', recipientSlug: 'Not A Slug' as Slug }), /nobody/],
    [
      'a channel that is none',
      text({ kind: 'channel', spaceId: createSpaceId(seededRandom(1)), channelId: 'ch_1' as never }),
      /no channel/,
    ],
    ['a thread that is none', { ...text(route), threadRootId: 'msg_1' as never }, /threadRootId/],
    ['a key without end', { ...text(route), idempotencyKey: 'k'.repeat(513) }, /idempotency/],
  ])('is refused before it is recorded: %s', async (_name, message, problem) => {
    const { open, store } = createScene();
    await using outbox = open();
    await expect(outbox.send(message)).rejects.toThrow(problem);
    expect(await codeOf(outbox.send(message))).toBe('invalid-input');
    expect(await store.listQueued()).toEqual([]);
  });

  it.each([
    ['a hundred thousand characters', 'x'.repeat(100_000)],
    ['the largest text', 'x'.repeat(577_000)],
  ])('is not %s', async (_name, content) => {
    const { route: own, server, open } = createScene();
    await using outbox = open();
    await (
      await outbox.send(text(own, content))
    ).sent;
    expect(JSON.stringify(server.posted[0]).length).toBeLessThanOrEqual(768 * 1024);
  });

  it.each(['changed-root', 'untrusted', 'unknown-person'] as const)(
    'to one person who is %s fails with this code, and the next message of the lane is sent',
    async (code) => {
      const { bob, directory, server, store, open } = createScene();
      const route: Route = { kind: 'dm', recipientSlug: bob.slug };
      directory.problem({ slug: bob.slug, code, message: 'scripted' });
      await using outbox = open();
      const { envelopeId, sent } = await outbox.send(text(route));
      expect(await codeOf(sent)).toBe(code);
      expect(await store.find(envelopeId)).toMatchObject({ state: 'failed', failure: code, sealed: null });
      expect(server.posted).toEqual([]);
    },
  );

  it('leaves out those in a channel who cannot be trusted, and reaches the others', async () => {
    const scene = createScene();
    const { alice, bob, route, directory, server } = scene;
    const carol = scene.person('carol');
    directory.know(carol);
    directory.problem({ slug: carol.slug, code: 'changed-root', message: 'scripted' });
    scene.members = [alice.slug, bob.slug, carol.slug];
    await using outbox = scene.open();
    const { envelopeId, sent } = await outbox.send(text(route));
    await sent;
    const object = server.accepted.get(envelopeId)?.object ?? {};
    expect(readAs(carol.devices[0]!, object)).toBe('no_recipient_entry');
    expect(readAs(bob.devices[0]!, object)).toBe('hello');
  });

  it('fails when nobody but the sender is left', async () => {
    const { bob, route, directory, open } = createScene();
    directory.problem({ slug: bob.slug, code: 'untrusted', message: 'scripted' });
    await using outbox = open();
    expect(await codeOf((await outbox.send(text(route))).sent)).toBe('no-recipients');
  });

  it('is not a note to oneself', async () => {
    const scene = createScene();
    scene.members = [scene.alice.slug];
    await using outbox = scene.open();
    expect(await (await outbox.send(text(scene.route))).sent).toMatchObject({ seq: 1 });
  });

  it.each<[string, ClientError, string, string, number?]>([
    ['the server forbids it', refusal({ status: 403, apiCode: 'FORBIDDEN' }), 'FORBIDDEN', 'refused'],
    ['there is another message under its id', refusal({ status: 409, apiCode: 'CONFLICT' }), 'CONFLICT', 'refused'],
    ['the device is not let in', failure('unauthorized', { status: 401 }), 'unauthorized', 'unauthorized', 5],
  ])('fails for good when %s, and the lane goes on', async (_name, error, recorded, code, times = 1) => {
    const { route, server, store, open } = createScene();
    for (let count = 0; count < times; count++) server.failures.push({ when: 'before', error });
    await using outbox = open();
    const first = await outbox.send(text(route));
    const second = await outbox.send(text(route));
    expect(await codeOf(first.sent)).toBe(code);
    expect(await second.sent).toMatchObject({ seq: 1 });
    expect(await store.find(first.envelopeId)).toMatchObject({ state: 'failed', failure: recorded });
  });
});

describe('a failure that may pass', () => {
  it.each([
    ['before it arrived', 'before', 'unreachable'],
    ['after it was stored', 'after', 'unreachable'],
    ['by a lost answer', 'after', 'timeout'],
    ['by a broken answer', 'after', 'answer-invalid'],
    ['by a server in trouble', 'after', 'server-failed'],
    ['by somebody who answers in its place', 'before', 'redirected'],
    ['by too many of them', 'before', 'rate-limited'],
  ] as const)('%s leads to the very same bytes again, and to one message', async (_name, when, code) => {
    const { route, server, open } = createScene();
    server.failures.push({ when, error: failure(code) }, { when, error: failure(code) });
    await using outbox = open();
    const { envelopeId, sent } = await outbox.send(text(route));
    expect(await sent).toEqual({ envelopeId, seq: 1 });
    expect(server.accepted.size).toBe(1);
    const texts = new Set(server.posted.map((object) => JSON.stringify(object)));
    expect([server.posted.length, texts.size]).toEqual([3, 1]);
  });

  it('is visible in the record, with its count', async () => {
    const { route, server, open } = createScene();
    server.failures.push(...[1, 2, 3].map(() => ({ when: 'before' as const, error: failure('unreachable') })));
    await using outbox = open();
    const seen: OutboxRow[] = [];
    outbox.onChange((row) => seen.push(row));
    await (
      await outbox.send(text(route))
    ).sent;
    await vi.waitFor(() => expect(seen.at(-1)?.state).toBe('sent'));
    expect(seen.filter(({ sealed }) => sealed !== null).map(({ attempts }) => attempts)).toEqual([0, 1, 2, 3]);
  });

  it('waits as long as the server wishes, whoever flushes', async () => {
    const { bob, route, server, open } = createScene();
    server.failures.push({ when: 'before', error: failure('rate-limited', { retryAfterMs: 3_600_000 }) });
    await using outbox = open();
    const states: number[] = [];
    outbox.onChange(({ attempts }) => states.push(attempts));
    const { sent } = await outbox.send(text(route));
    await vi.waitFor(() => expect(states.at(-1)).toBe(1));
    outbox.flush();
    // One that comes later is through, and the first has not been tried again.
    await (
      await outbox.send(text({ kind: 'dm', recipientSlug: bob.slug }))
    ).sent;
    expect([server.posted.length, states.filter((attempts) => attempts === 1)]).toEqual([2, [1]]);
    await outbox[Symbol.asyncDispose]();
    expect(await codeOf(sent)).toBe('closed');
  });

  it('in who is who is waited for like any other', async () => {
    const { route, server, directory, open } = createScene();
    let isDown = true;
    await using outbox = open({
      directory: {
        getPeople: (slugs, options) => {
          if (!isDown) return directory.getPeople(slugs, options);
          isDown = false;
          throw failure('unreachable');
        },
      },
    });
    expect(await (await outbox.send(text(route))).sent).toMatchObject({ seq: 1 });
    expect(server.posted).toHaveLength(1);
  });

  it('of the record keeps the message queued, and is no reason to send it twice', async () => {
    const { route, server, store, open } = createScene();
    let failing = 2;
    const update: OutboxStore['update'] = async (envelopeId, change) => {
      if (failing-- > 0) throw new Error('disk full');
      await store.update(envelopeId, change);
    };
    await using outbox = open({ store: { ...store, update } });
    const { sent, envelopeId } = await outbox.send(text(route));
    await sent;
    expect(server.accepted.size).toBe(1);
    await expect.poll(() => store.find(envelopeId)).toMatchObject({ state: 'sent' });
  });
});
