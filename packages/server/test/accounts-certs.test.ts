// What identities read about each other: certificates, profiles, and the news of them. spec: wire-protocol 9.10-9.12, 10.5
import type { JsonObject } from '@puffo/base';
import { generateSigningKey, issueSubkeyCert } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { findAudience } from '../src/accounts/announce-certs.ts';
import { recordHub } from './kit/recording-hub.ts';
import { random, registerAgent, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

const DAY_MS = 24 * 60 * 60_000;

interface Page {
  readonly entries: readonly JsonObject[];
  readonly has_more: boolean;
  readonly next_cursor?: string;
}

describe.each(DIALECTS)('what others read on %s', (dialect) => {
  let server: TestServer;
  let alice: TestPerson;
  let bob: TestPerson;
  let agent: TestPerson;

  beforeAll(async () => {
    server = await startTestServer({ dialect });
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    agent = await registerAgent(alice);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function sync(query: string, person = bob): Promise<Page> {
    return (await person.ok('GET', `/certs/sync?${query}`)) as unknown as Page;
  }

  async function addSubkey(person: TestPerson): Promise<JsonObject> {
    const subkey = generateSigningKey(random).verifyKey;
    const issuedAt = server.clock.now;
    const subkey_cert = issueSubkeyCert(person.identity.deviceKey, { subkey, issuedAt });
    await person.ok('POST', '/devices/subkeys', { subkey_cert });
    return subkey_cert;
  }

  it('lists certificates in the order of the log, member for member', async () => {
    const { entries, has_more } = await sync(`slugs=${alice.slug}&since=0`);
    expect(has_more).toBe(false);
    expect(entries.map(({ kind }) => kind)).toEqual([
      'identity_cert',
      'slug_binding',
      'device_cert',
      'subkey_cert',
      'operator_attestation',
    ]);
    expect(entries[0]).toEqual({ ...entries[0], slug: alice.slug, cert: alice.identity.identityCert });
    expect(JSON.stringify(entries[3]?.['cert'])).toBe(JSON.stringify(alice.subkeyCert));
    const numbers = entries.map(({ seq }) => Number(seq));
    expect(numbers).toEqual(numbers.toSorted((first, second) => first - second));
    expect(numbers[0]).toBeGreaterThan(0);
  });

  it('pages without a gap, and never says that more follows an empty page', async () => {
    const query = `slugs=${alice.slug},${bob.slug},${agent.slug},${alice.slug}`;
    const all = (await sync(query)).entries;
    const found: JsonObject[] = [];
    let page: Page = { entries: [], has_more: true };
    let since = 0;
    while (page.has_more) {
      page = await sync(`${query}&since=${since}&limit=2`);
      expect(page.entries.length).toBeGreaterThan(0);
      found.push(...page.entries);
      since = Number(page.entries.at(-1)?.['seq']);
      if (page.has_more) expect(page.next_cursor).toBe(String(since));
    }
    expect(found).toEqual(all);
    expect(await sync(`${query}&since=${since}`)).toEqual({ entries: [], has_more: false });
    expect(await sync(`${query}&cursor=${since}`)).toEqual({ entries: [], has_more: false });
  });

  it('gives the exact last page without a promise of more', async () => {
    const { entries } = await sync(`slugs=${bob.slug}`);
    expect((await sync(`slugs=${bob.slug}&limit=${entries.length}`)).has_more).toBe(false);
    expect((await sync(`slugs=${bob.slug}&limit=${entries.length - 1}`)).has_more).toBe(true);
  });

  it('finds certificates by the subkey and the device they are about', async () => {
    expect((await sync(`subkey_ids=${alice.subkeyId}`)).entries).toMatchObject([{ cert: alice.subkeyCert }]);
    expect((await sync(`device_ids=${alice.deviceId}`)).entries).toMatchObject([{ kind: 'device_cert' }]);
    const both = await sync(`slugs=${bob.slug}&subkey_ids=${alice.subkeyId}`);
    expect(new Set(both.entries.map(({ slug }) => slug))).toEqual(new Set([bob.slug, alice.slug]));
  });

  test.each(['slugs=nobody-0000', 'slugs=', 'since=0', 'slugs=%21%21'])('lists nothing for %s', async (query) => {
    expect(await sync(query)).toEqual({ entries: [], has_more: false });
  });

  test.each(['since=-1', 'limit=0', 'limit=x', 'cursor=abc'])('refuses %s', async (wrong) => {
    const answer = await bob.call('GET', `/certs/sync?slugs=${alice.slug}&${wrong}`);
    expect(answer).toMatchObject({ status: 400, body: { error: 'INVALID_PAYLOAD' } });
  });

  it('keeps expired subkeys while messages by them are kept, and gives them by id for ever', async () => {
    const carol = await signUp(server, 'carol');
    const cert = await addSubkey(carol);
    server.clock.now += 2 * DAY_MS;
    const fresh = { slug: carol.slug, signerId: carol.deviceId, signingKey: carol.identity.deviceKey };
    const subkey = generateSigningKey(random);
    const subkey_cert = issueSubkeyCert(carol.identity.deviceKey, {
      subkey: subkey.verifyKey,
      issuedAt: server.clock.now,
    });
    expect((await carol.callAs(fresh, 'POST', '/devices/subkeys', { subkey_cert })).status).toBe(200);
    const dave = await signUp(server, 'dave');
    const kinds = (page: Page) => page.entries.filter(({ kind }) => kind === 'subkey_cert').length;
    expect(kinds(await sync(`slugs=${carol.slug}`, dave))).toBe(3);
    server.clock.now += server.settings.retention.messages * DAY_MS;
    const erin = await signUp(server, 'erin');
    expect(kinds(await sync(`slugs=${carol.slug}`, erin))).toBe(1);
    const byId = await sync(`subkey_ids=${textOf(cert['subkey_id'])}`, erin);
    expect(byId.entries).toMatchObject([{ cert }]);
    // The others of this suite need subkeys of the new time.
    alice = await signUp(server, 'alice');
    bob = await signUp(server, 'bob');
    agent = await registerAgent(alice);
  });

  it('tells those who share a space or a conversation about new certificates, and nobody else', async () => {
    const carol = await signUp(server, 'carol');
    const { db } = server.context.database;
    const member = { role: 'member' as const, joined_at: 1, auto_accept_owner_invite: 0, auto_accept_member_invite: 0 };
    for (const slug of [alice.slug, bob.slug]) {
      await db
        .insertInto('space_members')
        .values({ ...member, space_id: 'sp_1', slug })
        .execute();
    }
    const message = { kind: 'dm' as const, sent_at: 1, received_at: 1, envelope: '{}', content_hash: '' };
    const direct = { ...message, sender_slug: alice.slug, recipient_slug: agent.slug };
    await db
      .insertInto('messages')
      .values({ ...direct, envelope_id: 'msg_1', seq: 1001 })
      .execute();
    expect((await findAudience(db, alice.slug)).toSorted()).toEqual([alice.slug, bob.slug, agent.slug].toSorted());
    expect((await findAudience(db, agent.slug)).toSorted()).toEqual([alice.slug, agent.slug].toSorted());
    expect(await findAudience(db, carol.slug)).toEqual([carol.slug]);

    const recorded = recordHub(server);
    const cert = await addSubkey(alice);
    expect(recorded.notified).toHaveLength(1);
    const [{ slugs, frame } = { slugs: [], frame: undefined }] = recorded.notified;
    expect(new Set(slugs)).toEqual(new Set([alice.slug, bob.slug, agent.slug]));
    const entry = (await sync(`slugs=${alice.slug}`)).entries.at(-1);
    expect(frame).toEqual({ type: 'cert_update', entry });
    expect(entry).toMatchObject({ kind: 'subkey_cert', cert });
  });

  describe('profiles', () => {
    async function profileOf(person: TestPerson): Promise<JsonObject | undefined> {
      const { profiles } = await bob.ok('GET', `/identities/profiles?slugs=${person.slug},${person.slug},nobody-0000`);
      expect(profiles).toHaveLength(1);
      return (profiles as readonly JsonObject[])[0];
    }

    it('change in the members that are given, and are cleared by empty text', async () => {
      const first = { display_name: 'Alice A', bio: 'Hello', role: 'Lead of all', role_short: 'Lead', soul: 'calm' };
      const answer = await alice.ok('PATCH', '/identities/self', first);
      expect(answer).toEqual({ ok: true, profile_updated_at: server.clock.now });
      expect(await profileOf(alice)).toMatchObject({ ...first, username: 'alice', avatar_url: '' });
      await alice.ok('PATCH', '/identities/self', { bio: '', avatar_url: 'https://a.example/a.png' });
      expect(await profileOf(alice)).toMatchObject({
        ...first,
        bio: '',
        avatar_url: 'https://a.example/a.png',
        profile_updated_at: server.clock.now,
      });
      await alice.ok('PATCH', '/identities/self');
      expect(await profileOf(alice)).toMatchObject({ display_name: 'Alice A' });
    });

    test.each<[string, JsonObject]>([
      ['a name of 81 characters', { display_name: 'x'.repeat(81) }],
      ['a biography of 2001 characters', { bio: 'x'.repeat(2001) }],
      ['a role of 141 characters', { role: 'x'.repeat(141) }],
      ['a short role of 33 characters', { role: 'x', role_short: 'x'.repeat(33) }],
      ['a short role without a role', { role_short: 'x' }],
      ['a soul of 16001 characters', { soul: 'x'.repeat(16_001) }],
      ['a number for a name', { display_name: 1 }],
    ])('refuse %s', async (_name, change) => {
      expect((await alice.call('PATCH', '/identities/self', change)).status).toBe(400);
    });

    it('are not to be had without slugs, and name the operator of an agent', async () => {
      expect(await bob.ok('GET', '/identities/profiles?slugs=')).toEqual({ profiles: [] });
      expect((await bob.call('GET', '/identities/profiles')).status).toBe(400);
      expect(await profileOf(agent)).toMatchObject({ identity_type: 'agent', owner_slug: alice.slug });
    });
  });
});
