// Subkeys: what a device hands out to sign with. spec: wire-protocol 4.5, 9.7
import { encodeBase64url, type JsonObject } from '@puffo/base';
import { generateSigningKey, issueSubkeyCert, LIMITS, signMessage, signingBytes } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { MAX_LIVE_SUBKEYS } from '../src/accounts/register-subkey.ts';
import { createSubkeyCert, deviceOf, random, signUp, type TestPerson } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

const HOUR_MS = 60 * 60_000;

describe.each(DIALECTS)('keys on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  function resign(person: TestPerson, cert: JsonObject, change: JsonObject): JsonObject {
    const changed = { ...cert, ...change };
    const signature = encodeBase64url(signMessage(person.identity.deviceKey, signingBytes(changed)));
    return { ...changed, signature };
  }

  it('registers a subkey that the device or another subkey signs for, and answers its number', async () => {
    const byDevice = await alice.callAs(deviceOf(alice), 'POST', '/devices/subkeys', {
      subkey_cert: createSubkeyCert(alice),
    });
    expect(byDevice).toMatchObject({ status: 200, body: { ok: true } });
    const bySubkey = await alice.call('POST', '/devices/subkeys', { subkey_cert: createSubkeyCert(alice) });
    expect(bySubkey.status).toBe(200);
    expect(Number(bySubkey.body['seq'])).toBeGreaterThan(Number(byDevice.body['seq']));
  });

  it('answers the same certificate the same way, and refuses another one for the same key', async () => {
    const subkey_cert = createSubkeyCert(alice);
    const first = await alice.call('POST', '/devices/subkeys', { subkey_cert });
    const second = await alice.call('POST', '/devices/subkeys', { subkey_cert });
    expect(second).toMatchObject({ status: 200, body: first.body });
    const other = resign(alice, subkey_cert, { expires_at: server.clock.now + 2 * HOUR_MS });
    expect((await alice.call('POST', '/devices/subkeys', { subkey_cert: other })).status).toBe(409);
  });

  it('registers once when the same certificate arrives several times at once', async () => {
    const subkey_cert = createSubkeyCert(alice);
    const answers = await Promise.all([1, 2, 3, 4].map(() => alice.ok('POST', '/devices/subkeys', { subkey_cert })));
    expect(new Set(answers.map(({ seq }) => seq)).size).toBe(1);
  });

  test.each<[string, number, (own: JsonObject) => JsonObject]>([
    ['no end', 400, (own) => resign(alice, own, { expires_at: null })],
    ['48 hours', 400, (own) => resign(alice, own, { expires_at: Number(own['issued_at']) + LIMITS.subkeyLifetimeMs })],
    ['a broken signature', 400, (own) => ({ ...own, expires_at: Number(own['expires_at']) + 1 })],
    ['an issue more than 5 minutes ago', 400, () => createSubkeyCert(alice, { at: server.clock.now - 300_001 })],
    ['an issue more than 5 minutes ahead', 400, () => createSubkeyCert(alice, { at: server.clock.now + 300_001 })],
    ['an end in the past', 400, () => createSubkeyCert(alice, { at: server.clock.now - 2000, lifetimeMs: 1000 })],
    ['a device id that is none', 400, (own) => resign(alice, own, { device_id: 'dev_x' })],
  ])('refuses a subkey certificate with %s', async (_name, status, change) => {
    const subkey_cert = change(createSubkeyCert(alice));
    const answer = await alice.call('POST', '/devices/subkeys', { subkey_cert });
    expect(answer).toMatchObject({ status, body: { error: 'INVALID_PAYLOAD' } });
  });

  it('names an unknown device, and refuses the device of somebody else', async () => {
    const bob = await signUp(server, 'bob');
    const stranger = generateSigningKey(random);
    const unknown = issueSubkeyCert(stranger, {
      subkey: generateSigningKey(random).verifyKey,
      issuedAt: server.clock.now,
    });
    expect(await alice.call('POST', '/devices/subkeys', { subkey_cert: unknown })).toMatchObject({
      status: 400,
      body: { error: 'DEVICE_NOT_FOUND' },
    });
    expect((await alice.call('POST', '/devices/subkeys', { subkey_cert: createSubkeyCert(bob) })).status).toBe(403);
  });

  it('keeps 64 live subkeys of a device, and makes room when they end', async () => {
    const carol = await signUp(server, 'carol');
    for (let live = 1; live < MAX_LIVE_SUBKEYS; live++) {
      await carol.ok('POST', '/devices/subkeys', { subkey_cert: createSubkeyCert(carol) });
    }
    const refused = await carol.call('POST', '/devices/subkeys', { subkey_cert: createSubkeyCert(carol) });
    expect(refused).toMatchObject({ status: 429, body: { error: 'RATE_LIMITED' } });
    expect(Number(refused.headers.get('retry-after'))).toBe(3600);
    server.clock.now += HOUR_MS;
    expect((await carol.call('POST', '/devices/subkeys', { subkey_cert: createSubkeyCert(carol) })).status).toBe(200);
    const { entries } = await carol.ok('GET', `/certs/sync?slugs=${carol.slug}&since=0`);
    expect(entries).toHaveLength(3 + MAX_LIVE_SUBKEYS + 1);
  });
});
