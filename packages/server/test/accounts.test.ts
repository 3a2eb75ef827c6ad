// Registration of people and agents. spec: wire-protocol 4.10, 4.11, 9.2-9.6
import type { JsonObject } from '@puffo/base';
import {
  generateIdentity,
  issueDeviceCert,
  issueIdentityCert,
  issueOperatorAttestation,
  issueSlugBinding,
  type NewIdentity,
  parseSlug,
} from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { callUnsigned, type UnsignedAnswer } from './kit/call-unsigned.ts';
import { random, registerAgent, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

const DAY_MS = 24 * 60 * 60_000;

describe.each(DIALECTS)('registration on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  function createIdentity(operator?: TestPerson): NewIdentity {
    const operatorKey = operator?.identity.rootKey.verifyKey ?? null;
    return generateIdentity({ operatorKey, issuedAt: server.clock.now, random });
  }

  function post(identity: NewIdentity, change: JsonObject = {}): Promise<UnsignedAnswer> {
    return callUnsigned(server, '/signup', { ...signUpBody(identity), ...change });
  }

  function bind(answer: UnsignedAnswer, identity: NewIdentity, slug?: string): Promise<UnsignedAnswer> {
    const slug_binding = issueSlugBinding(identity.rootKey, {
      slug: parseSlug(slug ?? answer.body['slug']),
      issuedAt: server.clock.now,
    });
    return callUnsigned(server, '/certs/slug_binding', { pending_token: answer.body['pending_token'], slug_binding });
  }

  function agentBody(operator: TestPerson, identity: NewIdentity): JsonObject {
    const attestation = issueOperatorAttestation(operator.identity.rootKey, {
      agentKey: identity.rootKey.verifyKey,
      issuedAt: server.clock.now,
      random,
    });
    return { username: 'helper', identity_cert: identity.identityCert, device_cert: identity.deviceCert, attestation };
  }

  async function kindsOf(slug: string): Promise<readonly unknown[]> {
    const { entries } = await alice.ok('GET', `/certs/sync?slugs=${slug}&since=0`);
    return (entries as readonly JsonObject[]).map((entry) => entry['kind']);
  }

  it('lowercases the name and appends four hexadecimal digits', async () => {
    const { status, body } = await post(createIdentity(), { username: 'Bob-ffff' });
    expect(status).toBe(201);
    expect(body['slug']).toMatch(/^bob-ffff-[0-9a-f]{4}$/);
  });

  it('shows nothing of a registration before its slug is bound, and all of it afterwards', async () => {
    const identity = createIdentity();
    const answer = await post(identity, { display_name: 'Carol', avatar_url: 'https://a.example/c.png' });
    const slug = textOf(answer.body['slug']);
    expect(await kindsOf(slug)).toEqual([]);
    expect((await alice.ok('GET', `/identities/profiles?slugs=${slug}`))['profiles']).toEqual([]);
    expect(await bind(answer, identity)).toEqual({ status: 201, body: { ok: true } });
    expect(await kindsOf(slug)).toEqual(['identity_cert', 'slug_binding', 'device_cert']);
    expect((await alice.ok('GET', `/identities/profiles?slugs=${slug}`))['profiles']).toMatchObject([
      { slug, display_name: 'Carol', avatar_url: 'https://a.example/c.png', identity_type: 'human', owner_slug: null },
    ]);
  });

  it('answers a repeated binding again, and refuses another one', async () => {
    const identity = createIdentity();
    const answer = await post(identity);
    expect((await bind(answer, identity)).status).toBe(201);
    server.clock.now += 2 * DAY_MS;
    const { slug, pending_token } = answer.body;
    const first = issueSlugBinding(identity.rootKey, {
      slug: parseSlug(slug),
      issuedAt: server.clock.now - 2 * DAY_MS,
    });
    const other = issueSlugBinding(identity.rootKey, { slug: parseSlug(slug), issuedAt: server.clock.now });
    server.clock.now -= 2 * DAY_MS;
    expect((await callUnsigned(server, '/certs/slug_binding', { pending_token, slug_binding: first })).status).toBe(
      201,
    );
    expect((await callUnsigned(server, '/certs/slug_binding', { pending_token, slug_binding: other })).status).toBe(
      409,
    );
    expect(await kindsOf(textOf(slug))).toHaveLength(3);
  });

  it('registers once when bindings arrive at the same time', async () => {
    const identity = createIdentity();
    const answer = await post(identity);
    const answers = await Promise.all([1, 2, 3, 4].map(() => bind(answer, identity)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(await kindsOf(textOf(answer.body['slug']))).toHaveLength(3);
  });

  it('refuses a binding to another slug or by another root', async () => {
    const identity = createIdentity();
    const answer = await post(identity);
    expect((await bind(answer, identity, 'someone-0000')).status).toBe(400);
    expect((await bind(answer, createIdentity())).status).toBe(400);
    expect((await bind(answer, identity)).status).toBe(201);
  });

  it('does not know foreign tokens', async () => {
    const answer = { status: 201, body: { slug: 'dave-0000', pending_token: 'nothing' } };
    expect(await bind(answer, createIdentity())).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
  });

  it('forgets a registration after 24 hours, and its keys may begin again', async () => {
    const identity = createIdentity();
    const answer = await post(identity);
    server.clock.now += DAY_MS;
    try {
      expect(await bind(answer, identity)).toMatchObject({ status: 410, body: { error: 'GONE' } });
      const again = await post(identity);
      expect(again.status).toBe(201);
      expect((await bind(again, identity)).status).toBe(201);
    } finally {
      server.clock.now -= DAY_MS;
    }
  });

  it('takes a repeated sign-up for the same one, and another with the same root for a conflict', async () => {
    const identity = createIdentity();
    const first = await post(identity);
    const second = await post(identity);
    expect(second.body['slug']).toBe(first.body['slug']);
    expect((await post(identity, { username: 'other' })).status).toBe(409);
    expect((await bind(first, identity)).status).toBe(404);
    expect((await bind(second, identity)).status).toBe(201);
    expect(await post(identity)).toMatchObject({ status: 409, body: { error: 'CONFLICT' } });
  });

  it('refuses a device that is registered to another root', async () => {
    const identity = createIdentity();
    const device_cert = issueDeviceCert(identity.rootKey, {
      signingKey: alice.identity.deviceKey.verifyKey,
      kemKey: alice.identity.kemKey.kemPublicKey,
      issuedAt: server.clock.now,
    });
    expect((await post(identity, { device_cert })).status).toBe(409);
  });

  test.each<[string, (identity: NewIdentity) => JsonObject]>([
    ['a user name with a space', () => ({ username: 'a b' })],
    ['a user name of 59 characters', () => ({ username: 'a'.repeat(59) })],
    ['no invite code', () => ({ invite_code: null })],
    ['a display name of 81 characters', () => ({ display_name: 'x'.repeat(81) })],
    [
      'an identity certificate of an agent',
      (own) => ({
        identity_cert: issueIdentityCert(own.rootKey, alice.identity.rootKey.verifyKey),
      }),
    ],
    ['a changed identity certificate', (own) => ({ identity_cert: { ...own.identityCert, more: 1 } })],
    ['a device certificate by another root', () => ({ device_cert: alice.identity.deviceCert })],
    [
      'an expired device certificate',
      (own) => ({
        device_cert: issueDeviceCert(own.rootKey, {
          signingKey: own.deviceKey.verifyKey,
          kemKey: own.kemKey.kemPublicKey,
          issuedAt: 1000,
          expiresAt: 2000,
        }),
      }),
    ],
  ])('refuses %s', async (_name, change) => {
    const identity = createIdentity();
    expect(await post(identity, change(identity))).toMatchObject({ status: 400, body: { error: 'INVALID_PAYLOAD' } });
  });

  it('registers an agent and lists its attestation under both', async () => {
    const agent = await registerAgent(alice);
    const fresh = await registerAgent(alice);
    expect(fresh.slug).not.toBe(agent.slug);
    expect(await kindsOf(agent.slug)).toEqual([
      'identity_cert',
      'slug_binding',
      'device_cert',
      'operator_attestation',
      'subkey_cert',
    ]);
    expect(await kindsOf(alice.slug)).toContain('operator_attestation');
    const { profiles } = await alice.ok('GET', `/identities/profiles?slugs=${agent.slug}`);
    expect(profiles).toMatchObject([{ username: 'helper', identity_type: 'agent', owner_slug: alice.slug }]);
  });

  it('gives an operator who repeats the same token, and none once the agent is registered', async () => {
    const identity = createIdentity(alice);
    const first = await alice.call('POST', '/agents', agentBody(alice, identity));
    expect(first.status).toBe(201);
    expect(first.body['pending_expires_at']).toBe(server.clock.now + DAY_MS);
    const second = await alice.call('POST', '/agents', agentBody(alice, identity));
    expect(second.body).toEqual(first.body);
    const answer = { status: 201, body: { ...first.body, slug: first.body['agent_slug'] ?? null } };
    expect((await bind(answer, identity)).status).toBe(201);
    const third = await alice.call('POST', '/agents', agentBody(alice, identity));
    expect(third).toMatchObject({
      status: 201,
      body: { ...first.body, pending_token: null, pending_expires_at: null },
    });
  });

  it('refuses agents of somebody else, of agents, and without a valid attestation', async () => {
    const bob = await signUp(server, 'bob');
    const identity = createIdentity(alice);
    const body = agentBody(alice, identity);
    expect((await bob.call('POST', '/agents', body)).status).toBe(400);
    const agent = await registerAgent(alice);
    expect((await agent.call('POST', '/agents', body)).status).toBe(403);
    const wrong = { ...body, attestation: agentBody(alice, createIdentity(alice))['attestation'] };
    expect((await alice.call('POST', '/agents', wrong)).status).toBe(400);
    expect((await callUnsigned(server, '/agents', body)).status).toBe(401);
  });

  it('refuses an agent whose root another operator registered', async () => {
    const bob = await signUp(server, 'bob');
    const identity = createIdentity(alice);
    expect((await alice.call('POST', '/agents', agentBody(alice, identity))).status).toBe(201);
    const identity_cert = issueIdentityCert(identity.rootKey, bob.identity.rootKey.verifyKey);
    const stolen = { ...agentBody(bob, identity), identity_cert };
    expect(await bob.call('POST', '/agents', stolen)).toMatchObject({ status: 409, body: { error: 'CONFLICT' } });
  });
});

describe.each(DIALECTS)('slugs on %s', (dialect) => {
  it('draws again when a slug is taken, and gives it away again once it expired', async () => {
    const suffixes = ['0001', '0001', '0002', '0001'];
    const scripted = {
      bytes: (length: number) =>
        length === 2 ? Uint8Array.from(Buffer.from(suffixes.shift() ?? 'ffff', 'hex')) : random.bytes(length),
    };
    await using server = await startTestServer({ dialect, random: scripted });
    async function draw(): Promise<unknown> {
      const identity = generateIdentity({ operatorKey: null, issuedAt: server.clock.now, random });
      return (await callUnsigned(server, '/signup', signUpBody(identity))).body['slug'];
    }
    expect(await draw()).toBe('alice-0001');
    expect(await draw()).toBe('alice-0002');
    server.clock.now += DAY_MS;
    expect(await draw()).toBe('alice-0001');
  });

  it('refuses a name for which no suffix is found', async () => {
    const scripted = { bytes: (length: number) => (length === 2 ? new Uint8Array(2) : random.bytes(length)) };
    await using server = await startTestServer({ dialect, random: scripted });
    const bodies = [0, 1].map(() =>
      signUpBody(generateIdentity({ operatorKey: null, issuedAt: server.clock.now, random })),
    );
    expect((await callUnsigned(server, '/signup', bodies[0])).body['slug']).toBe('alice-0000');
    expect((await callUnsigned(server, '/signup', bodies[1])).status).toBe(409);
  });
});

function signUpBody(identity: NewIdentity): JsonObject {
  const { identityCert: identity_cert, deviceCert: device_cert } = identity;
  return { invite_code: 'none', username: 'alice', identity_cert, device_cert };
}
