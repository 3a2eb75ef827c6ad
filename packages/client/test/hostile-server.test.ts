// What a server may try, and what becomes of it. spec: wire-protocol 4.9, appendix B
import { createServer } from 'node:http';
import {
  type DeviceId,
  issueOperatorAttestation,
  issueSlugBinding,
  judgeDevice,
  judgeRoot,
  judgeSubkey,
  type Slug,
} from '@puffo/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestDirectory, refusalsOf, type TestDirectory } from './kit/fake-cert-server.ts';
import { close, forge, type HostileServer, listen, startHostileServer } from './kit/hostile-server.ts';
import {
  type CertOf,
  createDevice,
  createSubkey,
  createTestIdentity,
  entryOf,
  HOUR_MS,
  NOW,
  random,
  revokeDevice,
  type TestIdentity,
} from './kit/test-identity.ts';

const me = createTestIdentity('me-0001');
const alice = createTestIdentity('alice-0002');
const mallory = createTestIdentity('mallory-0003');
const helper = createTestIdentity('helper-0004', { operator: alice });

let server: HostileServer;
let opened: TestDirectory;

beforeEach(async () => {
  server = await startHostileServer(me, random);
  opened = openTestDirectory(server.http, { own: me });
});

afterEach(() => server[Symbol.asyncDispose]());

describe('devices', () => {
  test.each([
    ['certified by another root', () => deviceOf(mallory)[0]!, 'root_mismatch'],
    [
      'said to be of the root',
      () => forge(deviceOf(mallory)[0]!, { root_public_key: alice.root }),
      'signature_invalid',
    ],
    ['under the id of another', () => forge(deviceOf(alice)[0]!, { device_id: mallory.deviceId }), 'id_derivation'],
    ['with another key to encrypt to', () => withKeysOf(mallory), 'signature_invalid'],
  ])('a device %s is nobody to send to', async (_name, inject, reason) => {
    server.register(alice);
    server.list(alice.slug, [inject()]);
    expect(await validDevices(alice.slug)).toEqual([alice.deviceId]);
    expect(refusalsOf(opened)).toEqual([reason]);
  });

  test('an injected device signs nothing that is believed', async () => {
    const injected = createDevice(mallory);
    server.register(alice);
    server.list(alice.slug, injected.certs);
    expect(await opened.directory.findSubkey(alice.slug, injected.subkeyId)).toBeUndefined();
    expect(refusalsOf(opened)).toContain('device_id_mismatch');
  });

  test('an injected device is refused when it is pushed, too', async () => {
    server.register(alice);
    opened.directory.setConnected(true);
    expect(await validDevices(alice.slug)).toEqual([alice.deviceId]);
    await opened.directory.noteCert(entryOf(alice.slug, deviceOf(mallory)[0]!, 99));
    expect(await validDevices(alice.slug)).toEqual([alice.deviceId]);
    expect(refusalsOf(opened)).toEqual(['root_mismatch']);
    expect(opened.alerts).toEqual([]);
  });

  test('a revoked device is refused for what comes after, and believed for what came before', async () => {
    const phone = createDevice(alice);
    server.register(alice);
    server.list(alice.slug, [...phone.certs, revokeDevice(alice, phone.deviceId, NOW + HOUR_MS)]);
    expect(await validDevices(alice.slug, NOW + HOUR_MS)).toEqual([alice.deviceId]);
    expect(await validDevices(alice.slug, NOW + HOUR_MS - 1)).toEqual([alice.deviceId, phone.deviceId]);
    const subkey = await opened.directory.findSubkey(alice.slug, phone.subkeyId);
    expect(judgeSubkey(subkey!, NOW + HOUR_MS)).toMatchObject({ kind: 'refused', reason: 'device_revoked' });
  });

  test('a revocation counts although it is listed under another slug', async () => {
    server.register(alice, mallory);
    server.list(mallory.slug, [revokeDevice(alice, alice.deviceId)]);
    const { people } = await opened.directory.getPeople([mallory.slug, alice.slug]);
    const [device] = people.get(alice.slug)!.devices;
    expect(judgeDevice(device!, NOW)).toMatchObject({ kind: 'refused', reason: 'device_revoked' });
    const next = openTestDirectory(server.http, { own: me, store: opened.store });
    const known = (await next.directory.getPeople([alice.slug])).people.get(alice.slug);
    expect(known?.devices).toMatchObject([{ revokedFrom: NOW }]);
  });

  test.each([
    ['under its slug', alice],
    ['under the own slug', mallory],
  ])('a revocation by a stranger ends nobody %s', async (_name, listed) => {
    server.register(alice, mallory);
    server.list(listed.slug, [revokeDevice(mallory, alice.deviceId)]);
    const { people } = await opened.directory.getPeople([mallory.slug, alice.slug]);
    expect(people.get(alice.slug)?.devices).toMatchObject([{ deviceId: alice.deviceId, revokedFrom: null }]);
    const { entries } = await opened.store.loadCerts(alice.slug);
    expect(entries.filter(({ slug }) => slug !== alice.slug)).toEqual([]);
  });

  test('an expired device is nobody to send to', async () => {
    const phone = createDevice(alice, NOW + HOUR_MS);
    server.register(alice);
    server.list(alice.slug, phone.certs);
    expect(await validDevices(alice.slug, NOW + HOUR_MS)).toEqual([alice.deviceId]);
    const device = await findDevice(alice.slug, phone.deviceId);
    expect(judgeDevice(device!, NOW + HOUR_MS)).toMatchObject({ reason: 'device_expired' });
  });
});

describe('subkeys', () => {
  test('a subkey of another device is not found, also when it is said to be of a true one', async () => {
    const subkeyCert = mallory.certs.find(([kind]) => kind === 'subkey_cert')!;
    server.register(alice);
    server.list(alice.slug, [subkeyCert, forge(subkeyCert, { device_id: alice.deviceId })]);
    expect(await opened.directory.findSubkey(alice.slug, mallory.subkeyId)).toBeUndefined();
    expect(refusalsOf(opened)).toEqual(expect.arrayContaining(['device_id_mismatch', 'signature_invalid']));
  });

  test('an expired subkey signs nothing more', async () => {
    const old = createSubkey(alice.deviceKey, { lifetimeMs: HOUR_MS });
    server.register(alice);
    server.list(alice.slug, [['subkey_cert', old.cert]]);
    const subkey = await opened.directory.findSubkey(alice.slug, old.subkeyId);
    expect(judgeSubkey(subkey!, NOW + HOUR_MS - 1).kind).toBe('valid');
    expect(judgeSubkey(subkey!, NOW + HOUR_MS)).toMatchObject({ kind: 'refused', reason: 'subkey_expired' });
  });

  test('a subkey whose end was moved is refused', async () => {
    const old = createSubkey(alice.deviceKey, { lifetimeMs: HOUR_MS });
    server.register(alice);
    server.list(alice.slug, [forge(['subkey_cert', old.cert], { expires_at: NOW + 47 * HOUR_MS })]);
    expect(await opened.directory.findSubkey(alice.slug, old.subkeyId)).toBeUndefined();
    expect(refusalsOf(opened)).toContain('signature_invalid');
  });
});

describe('roots and slugs', () => {
  test('a root that changed is a refusal and an alert, and what it signs is recognised as such', async () => {
    const impostor = createTestIdentity(alice.slug);
    server.register(alice);
    await validDevices(alice.slug);
    const next = openTestDirectory(server.http, { own: me, store: opened.store });
    server.answerWith(() => ({
      entries: impostor.certs.map((cert, index) => entryOf(alice.slug, cert, 50 + index)),
      has_more: false,
    }));
    const { people } = await next.directory.getPeople([alice.slug]);
    expect(people.get(alice.slug)?.identity.rootKey.publicKey).toBe(alice.root);
    const alert = { kind: 'changed-root', slug: alice.slug, pinnedRoot: alice.root, foundRoot: impostor.root };
    expect(next.alerts).toEqual([alert]);
    const subkey = await next.directory.findSubkey(alice.slug, impostor.subkeyId);
    expect(judgeRoot(subkey!.device.identity, await next.directory.findPin(alice.slug)).kind).toBe('changed-root');
  });

  test('a server that shows only the other root gets no device of it', async () => {
    await opened.store.pin(alice.slug, alice.root);
    server.list(alice.slug, createTestIdentity(alice.slug).certs);
    expect(await problemOf(alice.slug)).toBe('changed-root');
    expect(await opened.store.findPin(alice.slug)).toBe(alice.root);
  });

  test.each<[string, TestIdentity, () => readonly CertOf[], string]>([
    ['of somebody else', alice, () => mallory.certs, 'slug_mismatch'],
    ['without a binding', alice, () => alice.certs.filter(([kind]) => kind !== 'slug_binding'), 'not_object'],
    ['with the binding of another root', alice, () => bindingOf(alice, mallory), 'root_mismatch'],
    ['of an agent without its operator', helper, () => helper.certs.slice(0, 4), 'attestation_missing'],
    ['of an agent of somebody else', helper, () => attestedBy(mallory), 'operator_mismatch'],
  ])('an identity %s is not believed', async (_name, { slug }, list, reason) => {
    server.list(slug, list());
    expect(await problemOf(slug)).toBe('untrusted');
    expect(refusalsOf(opened)).toContain(reason);
    expect(await opened.store.findPin(slug)).toBeUndefined();
  });

  test('the own slug belongs to the own root, whoever came first', async () => {
    const own = openTestDirectory(server.http, { own: me, ownRootPublicKey: me.root });
    server.list(me.slug, createTestIdentity(me.slug).certs);
    const { problems } = await own.directory.getPeople([me.slug]);
    expect(problems).toMatchObject([{ code: 'changed-root' }]);
    expect(own.alerts).toMatchObject([{ kind: 'changed-root', pinnedRoot: me.root }]);
  });

  test('nothing is kept of those who were not asked for', async () => {
    server.answerWith(() => ({
      entries: [...alice.certs, ...mallory.certs].map((cert, index) =>
        entryOf(index < alice.certs.length ? alice.slug : mallory.slug, cert, index + 1),
      ),
      has_more: false,
    }));
    expect(await validDevices(alice.slug)).toEqual([alice.deviceId]);
    expect((await opened.store.loadCerts(mallory.slug)).entries).toEqual([]);
    expect((await opened.store.loadCerts(alice.slug)).entries).toHaveLength(alice.certs.length);
  });
});

describe('lists without an end', () => {
  test.each([
    ['empty pages', () => [], 1],
    ['the same page', () => [{ ...entryOf(alice.slug, deviceOf(mallory)[0]!, 1) }], 2],
  ])('%s end with a reason', async (_name, createEntries, questions) => {
    const entries = createEntries();
    server.answerWith(() => ({ entries, has_more: true }));
    await expect(opened.directory.getPeople([alice.slug])).rejects.toMatchObject({ code: 'no-progress' });
    expect(server.questions).toHaveLength(questions);
  });

  test('pages that always lead on end too, and fill nothing without bound', async () => {
    const [kind, cert] = deviceOf(mallory)[0]!;
    server.answerWith(({ since }) => {
      const numbers = Array.from({ length: 5 }, (_, index) => since + 1 + index);
      return {
        entries: numbers.map((number) => entryOf(alice.slug, [kind, { ...cert, number }], number)),
        has_more: true,
      };
    });
    await expect(opened.directory.getPeople([alice.slug])).rejects.toMatchObject({
      code: 'no-progress',
      retryable: true,
    });
    expect(server.questions).toHaveLength(200);
    expect((await opened.store.loadCerts(alice.slug)).entries).toHaveLength(256);
  });

  test('pages that always lead on and take their time end as well', async () => {
    server.answerWith(({ since }) => {
      opened.clock.now += 60_000;
      return { entries: [entryOf(alice.slug, alice.certs[0]!, since + 1)], has_more: true };
    });
    await expect(opened.directory.getPeople([alice.slug])).rejects.toMatchObject({ code: 'no-progress' });
    expect(server.questions).toHaveLength(6);
  });

  test('a message is not held up by them when its subkey was among what came', async () => {
    server.answerWith(() => ({
      entries: alice.certs.map((cert, index) => entryOf(alice.slug, cert, index + 1)),
      has_more: true,
    }));
    expect((await opened.directory.findSubkey(alice.slug, alice.subkeyId))?.subkeyId).toBe(alice.subkeyId);
    const unknown = createSubkey(alice.deviceKey).subkeyId;
    await expect(opened.directory.findSubkey(alice.slug, unknown)).rejects.toMatchObject({
      code: 'no-progress',
      retryable: true,
    });
  });

  test('a number that is far too high blinds nobody for good', async () => {
    server.answerWith(() => ({
      entries: [entryOf(alice.slug, alice.certs[0]!, Number.MAX_SAFE_INTEGER)],
      has_more: false,
    }));
    expect(await problemOf(alice.slug)).toBe('untrusted');
    server.answerHonestly();
    server.register(alice);
    expect((await opened.directory.findSubkey(alice.slug, alice.subkeyId))?.subkeyId).toBe(alice.subkeyId);
  });
});

describe('answers', () => {
  test('a redirect to another host is not followed', async () => {
    let visits = 0;
    const elsewhere = createServer((_request, response) => {
      visits += 1;
      response.end('{"entries":[],"has_more":false}');
    });
    const location = `${await listen(elsewhere)}/certs/sync`;
    try {
      server.handleWith((_request, response) => response.writeHead(307, { location }).end());
      await expect(opened.directory.getPeople([alice.slug])).rejects.toMatchObject({ code: 'redirected' });
      expect(visits).toBe(0);
    } finally {
      await close(elsewhere);
    }
  });

  test('an answer that does not stop is given up', async () => {
    const piece = Buffer.alloc(1024 * 1024, ' ');
    let isGivenUp = false;
    server.handleWith((_request, response) => {
      response.on('close', () => (isGivenUp = true));
      const writeOn = (): void => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', writeOn);
      writeOn();
    });
    await expect(opened.directory.getPeople([alice.slug])).rejects.toMatchObject({ code: 'answer-too-large' });
    await expect.poll(() => isGivenUp).toBe(true);
  });

  test.each([
    ['no JSON', '<html>'],
    ['no list', '{"entries":{},"has_more":false}'],
    ['no word on whether there is more', '{"entries":[]}'],
  ])('an answer that is %s is refused', async (_name, body) => {
    server.handleWith((_request, response) => response.end(body));
    await expect(opened.directory.getPeople([alice.slug])).rejects.toMatchObject({ code: 'answer-invalid' });
  });

  test('unreadable entries among readable ones are counted and left out', async () => {
    const entries = alice.certs.map((cert, index) => entryOf(alice.slug, cert, index + 1));
    server.answerWith(() => ({ entries: [null, { seq: -1 }, ...entries], has_more: false }));
    expect(await validDevices(alice.slug)).toEqual([alice.deviceId]);
    expect(opened.logged).toContainEqual({ event: 'directory.unreadable-entries', fields: { count: 2, since: 0 } });
  });
});

async function validDevices(slug: Slug, at = NOW): Promise<readonly DeviceId[] | undefined> {
  const { people } = await opened.directory.getPeople([slug]);
  const devices = people.get(slug)?.devices.filter((device) => judgeDevice(device, at).kind === 'valid');
  return devices?.map(({ deviceId }) => deviceId);
}

async function findDevice(slug: Slug, deviceId: DeviceId) {
  const { people } = await opened.directory.getPeople([slug]);
  return people.get(slug)?.devices.find((device) => device.deviceId === deviceId);
}

async function problemOf(slug: Slug): Promise<string | undefined> {
  const { people, problems } = await opened.directory.getPeople([slug]);
  expect(people.size).toBe(0);
  return problems[0]?.code;
}

function deviceOf({ certs }: TestIdentity): readonly CertOf[] {
  return certs.filter(([kind]) => kind === 'device_cert');
}

/** The true certificate with a KEM key of somebody else. */
function withKeysOf(stranger: TestIdentity): CertOf {
  const keys = { signing: alice.deviceCert['keys'], encryption: stranger.deviceCert['keys'] };
  const { signing } = keys.signing as { signing: object };
  const { encryption } = keys.encryption as { encryption: object };
  return forge(deviceOf(alice)[0]!, { keys: { signing, encryption } as never });
}

function bindingOf({ certs, slug }: TestIdentity, stranger: TestIdentity): readonly CertOf[] {
  const binding = issueSlugBinding(stranger.rootKey, { slug, issuedAt: NOW });
  return certs.map((cert): CertOf => (cert[0] === 'slug_binding' ? ['slug_binding', binding] : cert));
}

function attestedBy(stranger: TestIdentity): readonly CertOf[] {
  const agent = { agentKey: helper.rootKey.verifyKey, issuedAt: NOW, random };
  return [...helper.certs.slice(0, 4), ['operator_attestation', issueOperatorAttestation(stranger.rootKey, agent)]];
}
