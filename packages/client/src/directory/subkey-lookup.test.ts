import { nextTask } from '@puffo/base';
import { judgeSubkey } from '@puffo/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createFakeServer,
  type FakeServer,
  openTestDirectory,
  type TestDirectory,
} from '../../test/kit/fake-cert-server.ts';
import {
  createDevice,
  createSubkey,
  createTestIdentity,
  HOUR_MS,
  NOW,
  revokeDevice,
} from '../../test/kit/test-identity.ts';
import { ClientError } from '../client-error.ts';

const alice = createTestIdentity('alice-0001');

let server: FakeServer;
let opened: TestDirectory;

beforeEach(() => {
  server = createFakeServer();
  opened = openTestDirectory(server, { own: alice });
});

describe('findSubkey', () => {
  test('finds the subkey of any device, up to the root', async () => {
    const phone = createDevice(alice);
    server.register(alice);
    server.list(alice.slug, phone.certs);
    const found = await opened.directory.findSubkey(alice.slug, phone.subkeyId);
    expect(found?.device.deviceId).toBe(phone.deviceId);
    expect(found?.device.identity.rootKey.publicKey).toBe(alice.root);
    await opened.directory.findSubkey(alice.slug, alice.subkeyId);
    expect(server.questions).toHaveLength(1);
  });

  test('asks for one that is new, once for all who wait', async () => {
    server.register(alice);
    await opened.directory.findSubkey(alice.slug, alice.subkeyId);
    const renewed = createSubkey(alice.deviceKey);
    server.list(alice.slug, [['subkey_cert', renewed.cert]]);
    const find = () => opened.directory.findSubkey(alice.slug, renewed.subkeyId);
    const found = await Promise.all([find(), find(), find()]);
    expect(found.map((subkey) => subkey?.subkeyId)).toEqual(Array(3).fill(renewed.subkeyId));
    expect(server.questions.slice(1)).toEqual([{ slugs: [alice.slug], since: 4 }]);
  });

  test('does not take an answer that was under way before the subkey was there', async () => {
    server.register(alice);
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => (open = resolve));
    const earlier = opened.directory.getPeople([alice.slug]);
    await expect.poll(() => server.questions.length).toBe(1);
    const renewed = createSubkey(alice.deviceKey);
    const found = opened.directory.findSubkey(alice.slug, renewed.subkeyId);
    server.list(alice.slug, [['subkey_cert', renewed.cert]]);
    // Until it waits for the answer that is under way.
    await nextTask();
    await nextTask();
    open();
    await earlier;
    expect((await found)?.subkeyId).toBe(renewed.subkeyId);
    expect(server.questions.map(({ since }) => since)).toEqual([0, 4]);
  });

  test('does not ask for the same miss within five seconds, and finds it afterwards', async () => {
    server.register(alice);
    const renewed = createSubkey(alice.deviceKey);
    const find = () => opened.directory.findSubkey(alice.slug, renewed.subkeyId);
    expect(await find()).toBeUndefined();
    const asked = server.questions.length;
    server.list(alice.slug, [['subkey_cert', renewed.cert]]);
    opened.clock.now += 4999;
    expect(await find()).toBeUndefined();
    expect(server.questions).toHaveLength(asked);
    opened.clock.now += 1;
    expect((await find())?.subkeyId).toBe(renewed.subkeyId);
  });

  test('hears of a revocation before it says whose a known subkey is', async () => {
    server.register(alice);
    await opened.directory.findSubkey(alice.slug, alice.subkeyId);
    server.list(alice.slug, [revokeDevice(alice, alice.deviceId)]);
    opened.clock.now += 60_000;
    const found = await opened.directory.findSubkey(alice.slug, alice.subkeyId);
    expect(judgeSubkey(found!, NOW)).toMatchObject({ kind: 'refused', reason: 'device_revoked' });
  });

  test.each(['unreachable', 'refused', 'answer-invalid'] as const)(
    'fails so that it is tried again when asking fails with %s',
    async (code) => {
      server.failure = new ClientError('Cannot call', { code });
      const find = () => opened.directory.findSubkey(alice.slug, alice.subkeyId);
      await expect(find()).rejects.toMatchObject({ code, retryable: true });
      server.failure = undefined;
      server.register(alice);
      expect((await find())?.subkeyId).toBe(alice.subkeyId);
    },
  );

  test('reads a slug from its start when the numbers of the server went back', async () => {
    server.register(alice);
    server.list(alice.slug, [['subkey_cert', createSubkey(alice.deviceKey).cert]]);
    await opened.directory.getPeople([alice.slug]);
    const renewed = createSubkey(alice.deviceKey);
    server.entries.splice(4, 1);
    server.list(alice.slug, [['subkey_cert', renewed.cert]]);
    expect((await opened.directory.findSubkey(alice.slug, renewed.subkeyId))?.subkeyId).toBe(renewed.subkeyId);
    expect(server.questions.map(({ since }) => since)).toEqual([0, 5, 0]);
  });

  test('knows no subkey that expired more than 35 days ago', async () => {
    const old = createSubkey(alice.deviceKey, { lifetimeMs: HOUR_MS });
    server.register(alice);
    server.list(alice.slug, [['subkey_cert', old.cert]]);
    opened.clock.now = NOW + HOUR_MS + 35 * 24 * HOUR_MS;
    expect((await opened.directory.findSubkey(alice.slug, old.subkeyId))?.subkeyId).toBe(old.subkeyId);
    const later = openTestDirectory(server, { own: alice, store: opened.store });
    later.clock.now = opened.clock.now + 1;
    expect(await later.directory.findSubkey(alice.slug, old.subkeyId)).toBeUndefined();
  });
});
