// Further devices of an identity. spec: wire-protocol 4.12, 9.9
import { encodeBase64url, type JsonObject } from '@puffo/base';
import {
  deviceIdOf,
  generateKemSecretKey,
  generateSigningKey,
  issueDeviceCert,
  issueDeviceRevocation,
  issueSlugBinding,
  issueSubkeyCert,
  LIMITS,
  openRootKey,
  sealRootKey,
  verifyKeyBytes,
} from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callUnsigned } from './kit/call-unsigned.ts';
import { random, signUp, type TestPerson } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';
describe.each(DIALECTS)('enrolment on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  function revocationOf(
    person: TestPerson,
    { deviceId = person.deviceId, effectiveFrom = server.clock.now } = {},
  ): JsonObject {
    return issueDeviceRevocation(person.identity.rootKey, { deviceId, effectiveFrom, issuedAt: server.clock.now });
  }

  async function enrol(person: TestPerson) {
    const signingKey = generateSigningKey(random);
    const kemKey = generateKemSecretKey(random);
    const nonceBytes = random.bytes(32);
    const nonce = encodeBase64url(nonceBytes);
    const device_signing_public_key = signingKey.verifyKey.publicKey;
    const device_kem_public_key = kemKey.kemPublicKey.publicKey;
    const fingerprint = `${device_signing_public_key.slice(0, 8)}..${device_kem_public_key.slice(0, 8)}`;
    const init = { nonce, device_signing_public_key, device_kem_public_key, fingerprint };
    const started = await callUnsigned(server, '/devices/enroll/init', init);
    const { rootKey, identityCert } = person.identity;
    const issuedAt = server.clock.now;
    const bundle = {
      device_cert: issueDeviceCert(rootKey, {
        signingKey: signingKey.verifyKey,
        kemKey: kemKey.kemPublicKey,
        issuedAt,
      }),
      root_key_envelope: sealRootKey({
        rootKey,
        recipientKey: kemKey.kemPublicKey,
        enrollmentNonce: nonceBytes,
        random,
      }),
      slug_binding: issueSlugBinding(rootKey, { slug: person.slug, issuedAt }),
      identity_cert: identityCert,
      identity_profile: { slug: person.slug },
    };
    const deviceId = deviceIdOf(verifyKeyBytes(signingKey.verifyKey));
    const complete = (change: JsonObject = {}) =>
      person.call('POST', `/devices/enroll/${nonce}/complete`, { ...bundle, ...change });
    const poll = () => callUnsigned(server, `/devices/enroll/${nonce}`);
    return { init, started, nonceBytes, bundle, complete, poll, deviceId, signingKey, kemKey };
  }

  it('hands the bundle to the new device, which may then register subkeys', async () => {
    const { started, bundle, complete, poll, deviceId, signingKey, kemKey, nonceBytes } = await enrol(alice);
    expect(started).toEqual({ status: 200, body: { ok: true } });
    expect(await poll()).toEqual({ status: 200, body: { status: 'pending' } });
    expect(await complete()).toMatchObject({ status: 200, body: { ok: true } });
    const { body } = await poll();
    expect(body).toEqual({ status: 'complete', bundle });
    const reader = { kemKey, enrollmentNonce: nonceBytes, rootKey: alice.identity.rootKey.verifyKey };
    expect(openRootKey(bundle.root_key_envelope, reader).kind).toBe('valid');
    const { entries } = await alice.ok('GET', `/certs/sync?device_ids=${deviceId}&since=0`);
    expect(entries).toMatchObject([{ kind: 'device_cert', slug: alice.slug, cert: bundle.device_cert }]);
    const subkey_cert = issueSubkeyCert(signingKey, {
      subkey: generateSigningKey(random).verifyKey,
      issuedAt: server.clock.now,
    });
    const own = { slug: alice.slug, signerId: deviceId, signingKey };
    expect((await alice.callAs(own, 'POST', '/devices/subkeys', { subkey_cert })).status).toBe(200);
  });

  it('is completed once, and an identical repetition is answered again', async () => {
    const { complete } = await enrol(alice);
    expect((await complete()).status).toBe(200);
    expect((await complete()).status).toBe(200);
    expect(await complete({ identity_profile: null })).toMatchObject({ status: 409, body: { error: 'CONFLICT' } });
  });

  it('refuses a nonce that is in use, and does not know others', async () => {
    const { init } = await enrol(alice);
    expect((await callUnsigned(server, '/devices/enroll/init', init)).status).toBe(409);
    const unknown = encodeBase64url(random.bytes(32));
    expect((await callUnsigned(server, `/devices/enroll/${unknown}`)).status).toBe(404);
  });

  it('ends after 15 minutes', async () => {
    const { complete, poll } = await enrol(alice);
    server.clock.now += 15 * 60_000;
    expect((await complete()).status).toBe(410);
    expect((await poll()).status).toBe(410);
  });

  it('refuses what does not belong to the caller and to this enrolment', async () => {
    const bob = await signUp(server, 'bob');
    const { complete, bundle } = await enrol(alice);
    const other = await enrol(alice);
    const foreign = await enrol(bob);
    const changes: readonly JsonObject[] = [
      { device_cert: other.bundle.device_cert },
      { device_cert: foreign.bundle.device_cert },
      { slug_binding: foreign.bundle.slug_binding },
      { identity_cert: foreign.bundle.identity_cert },
      { root_key_envelope: other.bundle.root_key_envelope },
      { root_key_envelope: { ...bundle.root_key_envelope, hpke_ciphertext: 'AAAA' } },
      { root_key_envelope: { ...bundle.root_key_envelope, version: 2 } },
    ];
    for (const change of changes) expect((await complete(change)).status).toBe(400);
    expect((await complete()).status).toBe(200);
  });

  it('refuses a device beyond the limit until one is revoked', async () => {
    const dave = await signUp(server, 'dave');
    const second = await enrol(dave);
    expect((await second.complete()).status).toBe(200);
    for (let devices = 2; devices < LIMITS.devicesPerIdentity; devices++) {
      expect((await (await enrol(dave)).complete()).status).toBe(200);
    }
    const last = await enrol(dave);
    expect((await last.complete()).status).toBe(409);
    const { deviceId } = second;
    expect((await dave.call('POST', `/devices/${deviceId}/revoke`, revocationOf(dave, { deviceId }))).status).toBe(200);
    expect((await last.complete()).status).toBe(200);
  });
});
