import type { JsonObject } from '@puffo/base';
import { describe, expect, it, vi } from 'vitest';
import type { OutboxOptions } from '../../src/outbox/create-outbox.ts';
import type { OutboxRow, OutboxStore } from '../../src/outbox/outbox-store.ts';
import { createWorld, devicesOf, failure, readAs, refusal } from './chat-world.ts';
import { codeOf, createScene, PATIENT, text } from './scene.ts';

describe('an old message', () => {
  it('that the server does not know is sealed again under the same id, with a new time', async () => {
    const { route, server, clock, open } = createScene();
    const first = open({ backoff: PATIENT });
    server.failures.push({ when: 'before', error: failure('unreachable') });
    const { envelopeId } = await first.send(text(route));
    await vi.waitFor(() => expect(server.posted).toHaveLength(1));
    await first[Symbol.asyncDispose]();
    clock.now += 600_000;
    await using second = open();
    await second.resume();
    await expect.poll(() => server.accepted.size).toBe(1);
    expect(server.accepted.get(envelopeId)?.object['sent_at']).toBe(clock.now);
    expect(server.posted.map((object) => object['envelope_id'])).toEqual([envelopeId, envelopeId, envelopeId]);
  });

  it('that the server has already stays as it is', async () => {
    const { route, server, store, clock, open } = createScene();
    const first = open({ backoff: PATIENT });
    server.failures.push({ when: 'after', error: failure('timeout') });
    const { envelopeId } = await first.send(text(route));
    await vi.waitFor(() => expect(server.accepted.size).toBe(1));
    await first[Symbol.asyncDispose]();
    clock.now += 600_000;
    await using second = open();
    await second.resume();
    await expect.poll(() => store.find(envelopeId)).toMatchObject({ state: 'sent', seq: 1 });
    expect(server.posted[0]).toEqual(server.posted[1]);
  });

  it('is not sealed again when the server refuses it for another reason', async () => {
    const { route, server, clock, open } = createScene();
    server.failures.push({ when: 'before', error: failure('unreachable') });
    const first = open({ backoff: PATIENT });
    await first.send(text(route));
    await vi.waitFor(() => expect(server.posted).toHaveLength(1));
    await first[Symbol.asyncDispose]();
    clock.now += 600_000;
    const stale = refusal({ status: 400, apiCode: 'INVALID_PAYLOAD' });
    server.failures.push({ when: 'before', error: stale }, { when: 'before', error: stale });
    await using second = open();
    const failed: OutboxRow[] = [];
    second.onChange((row) => failed.push(row));
    await second.resume();
    await vi.waitFor(() => expect(failed.at(-1)).toMatchObject({ state: 'failed', failure: 'INVALID_PAYLOAD' }));
    expect(server.posted).toHaveLength(3);
  });
});

describe('a device that the server misses', () => {
  it('is looked for again, and served under the same id', async () => {
    const { alice, bob, route, directory, server, store, open } = createScene();
    const phone = bob.addDevice();
    server.audience = [...alice.devices, ...bob.devices].map(({ deviceId }) => deviceId);
    await using outbox = open({
      directory: {
        getPeople: (slugs, options) => {
          if (options?.isFresh === true) directory.know(bob);
          return directory.getPeople(slugs, options);
        },
      },
    });
    const { envelopeId, sent } = await outbox.send(text(route));
    await sent;
    await expect.poll(() => store.find(envelopeId)).toMatchObject({ state: 'sent', sealed: null });
    expect(server.posted.map(devicesOf)).toEqual([expect.any(Array), [phone.deviceId]]);
    expect(readAs(phone, server.posted[1]!)).toBe('hello');
    expect([...(server.accepted.get(envelopeId)?.devices ?? [])]).toHaveLength(3);
  });

  it('and that nobody vouches for gets nothing, while the message is sent', async () => {
    const { alice, bob, route, server, store, open } = createScene();
    const stranger = createWorld(99).person('mallory').devices[0]!;
    server.audience = [...alice.devices, ...bob.devices, stranger].map(({ deviceId }) => deviceId);
    await using outbox = open();
    const { envelopeId, sent } = await outbox.send(text(route));
    await sent;
    await expect.poll(() => store.find(envelopeId)).toMatchObject({ state: 'sent', sealed: null });
    expect(server.posted).toHaveLength(1);
  });

  it('and that always appears anew is looked for a few times only', async () => {
    const { bob, route, directory, server, store, open } = createScene();
    await using outbox = open({
      directory: {
        getPeople: (slugs, options) => {
          if (options?.isFresh === true) directory.know(bob);
          return directory.getPeople(slugs, options);
        },
      },
      http: {
        ...server,
        call: (name, call) => {
          server.audience = [...server.audience, bob.addDevice().deviceId];
          return server.call(name, call);
        },
      },
    });
    const { envelopeId, sent } = await outbox.send(text(route));
    await sent;
    await expect.poll(() => store.find(envelopeId)).toMatchObject({ state: 'sent' });
    expect(server.posted).toHaveLength(3);
  });

  it('does not make a message fail that the server has', async () => {
    const { alice, bob, route, directory, server, store, open } = createScene();
    bob.addDevice();
    server.audience = [...alice.devices, ...bob.devices].map(({ deviceId }) => deviceId);
    await using outbox = open({
      directory: {
        getPeople: (slugs, options) => {
          if (options?.isFresh === true) throw refusal({ status: 403, apiCode: 'FORBIDDEN' });
          return directory.getPeople(slugs, options);
        },
      },
    });
    const { envelopeId, sent } = await outbox.send(text(route));
    expect(await sent).toMatchObject({ seq: 1 });
    await expect.poll(() => store.find(envelopeId)).toMatchObject({ state: 'sent', failure: null, sealed: null });
  });
});

describe('two sends with one key', () => {
  it('are one message, also at the same time', async () => {
    const { route, server, open } = createScene();
    await using outbox = open();
    const message = { ...text(route), idempotencyKey: 'turn-1' };
    const queued = await Promise.all([outbox.send(message), outbox.send(message)]);
    await Promise.all(queued.map(({ sent }) => sent));
    const again = await outbox.send({ ...message, content: 'other words' });
    expect(await again.sent).toEqual({ envelopeId: queued[0].envelopeId, seq: 1 });
    expect([queued[1].envelopeId, server.accepted.size]).toEqual([queued[0].envelopeId, 1]);
  });

  it('fail both when the first failed for good', async () => {
    const { route, server, open } = createScene();
    server.failures.push({ when: 'before', error: refusal({ status: 403, apiCode: 'FORBIDDEN' }) });
    await using outbox = open();
    const message = { ...text(route), idempotencyKey: 'turn-1' };
    expect(await codeOf((await outbox.send(message)).sent)).toBe('refused');
    expect(await codeOf((await outbox.send(message)).sent)).toBe('refused');
  });

  it('are one message across a restart, also before what was left is resumed', async () => {
    const { route, server, open } = createScene();
    const first = open({ backoff: PATIENT });
    server.failures.push({ when: 'after', error: failure('timeout') });
    const message = { ...text(route), idempotencyKey: 'turn-1' };
    const { envelopeId } = await first.send(message);
    await vi.waitFor(() => expect(server.accepted.size).toBe(1));
    await first[Symbol.asyncDispose]();
    await using second = open();
    const again = await second.send(message);
    await second.resume();
    expect(await again.sent).toEqual({ envelopeId, seq: 1 });
    expect(server.posted[0]).toEqual(server.posted[1]);
    expect(server.accepted.size).toBe(1);
  });
});

describe('a crash', () => {
  /** Where the program ends: at which write of the record, or at which posting. */
  const steps = ['after recording', 'after sealing', 'before the post', 'after the post', 'while serving the missing'];
  it.each(steps)('%s leaves one message with one id behind', async (step) => {
    const { alice, bob, route, directory, server, store, open } = createScene();
    const phone = bob.addDevice();
    server.audience = [...alice.devices, ...bob.devices].map(({ deviceId }) => deviceId);
    let writes = 0;
    const never = new Promise<never>(() => undefined);
    const crashing: OutboxStore = {
      ...store,
      async update(envelopeId, change) {
        writes++;
        if (step === 'after recording') return never;
        await store.update(envelopeId, change);
        if (step === 'after sealing') return never;
        if (step === 'while serving the missing' && writes === 2) return never;
        return undefined;
      },
    };
    const http = {
      ...server,
      call: async (name: never, call: never) => {
        if (step === 'before the post') return never;
        const answer = await server.call(name, call);
        return step === 'after the post' ? never : answer;
      },
    };
    const fresh: Pick<OutboxOptions, 'directory'> = {
      directory: {
        getPeople: (slugs, options) => {
          if (options?.isFresh === true) directory.know(bob);
          return directory.getPeople(slugs, options);
        },
      },
    };
    const crashed = open({ store: crashing, http: http as never, ...fresh });
    const { envelopeId } = await crashed.send(text(route));
    // What happened until nothing more can happen.
    await vi.waitFor(() => expect(writes + server.posted.length).toBeGreaterThanOrEqual(1));
    await expect.poll(() => isAt(step, { writes, posted: server.posted })).toBe(true);

    await using next = open(fresh);
    await next.resume();
    await expect.poll(() => store.find(envelopeId)).toMatchObject({ state: 'sent', seq: 1, sealed: null });
    expect(server.accepted.size).toBe(1);
    const stored = server.accepted.get(envelopeId);
    expect([...(stored?.devices ?? [])].sort()).toEqual([...server.audience].sort());
    const ciphertexts = new Set(server.posted.map((object) => object['content_ciphertext']));
    expect(ciphertexts.size).toBe(1);
    expect(server.posted.some((object) => readAs(phone, object) === 'hello')).toBe(true);
  });

  function isAt(step: string, { writes, posted }: { writes: number; posted: readonly JsonObject[] }): boolean {
    if (step === 'after the post') return posted.length === 1;
    return writes === (step === 'while serving the missing' ? 2 : 1);
  }

  it('or an end in order leaves what is queued for the next run, in its order', async () => {
    const { bob, route, server, store, open } = createScene();
    const first = open({ backoff: PATIENT });
    server.failures.push({ when: 'before', error: failure('unreachable') });
    const queued = [];
    for (const content of ['one', 'two', 'three']) queued.push(await first.send(text(route, content)));
    await first[Symbol.asyncDispose]();
    expect(await Promise.all(queued.map(({ sent }) => codeOf(sent)))).toEqual(['closed', 'closed', 'closed']);
    expect(await codeOf(first.send(text(route)))).toBe('closed');
    expect(await store.listQueued()).toHaveLength(3);
    await using second = open();
    await second.resume();
    await expect.poll(() => server.accepted.size).toBe(3);
    const contents = [...server.accepted.values()].map(({ object }) => readAs(bob.devices[0]!, object));
    expect(contents).toEqual(['one', 'two', 'three']);
  });

  it('is not what a resume sees that read the record while the message was on its way', async () => {
    const { route, server, store, open } = createScene();
    let sent: Promise<unknown> = Promise.resolve();
    const listQueued: OutboxStore['listQueued'] = async () => {
      const rows = await store.listQueued();
      await sent;
      await vi.waitFor(async () => expect(await store.listQueued()).toEqual([]));
      return rows;
    };
    let openGate: (() => void) | undefined;
    server.gate = new Promise((resolve) => {
      openGate = resolve;
    });
    await using outbox = open({ store: { ...store, listQueued } });
    const queued = await outbox.send(text(route));
    ({ sent } = queued);
    const resumed = outbox.resume();
    openGate?.();
    await resumed;
    await (
      await outbox.send(text(route, 'next'))
    ).sent;
    expect(await store.find(queued.envelopeId)).toMatchObject({ state: 'sent', failure: null });
    expect(server.posted).toHaveLength(2);
  });
});
