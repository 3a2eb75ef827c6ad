// Links that invite whoever holds them. spec: wire-protocol 14.5
import type { JsonObject } from '@puffo/base';
import { describe, expect, it } from 'vitest';
import { column, entries, expectOk, inviteTo, randomText, sortedTexts } from './kit/space-steps.ts';
import { signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { startTeam } from './kit/team.ts';
import { DIALECTS } from './kit/test-server.ts';

async function invitesOf(person: TestPerson, direction = 'received'): Promise<readonly JsonObject[]> {
  return entries((await person.ok('GET', `/invites?direction=${direction}`))['invites']);
}

const NEVER = 253_402_300_799_000;

function linkEvent(maker: TestPerson, spaceId: string, more: JsonObject = {}): JsonObject {
  return maker.signEvent('create_invite_capability', {
    space_id: spaceId,
    invite_id: `inv_${randomText(16)}`,
    scope: { space_grant: { role: 'member' }, channel_grants: [] },
    max_uses: null,
    expires_at: NEVER,
    invite_public_key: randomText(32),
    created_at: maker.server.clock.now,
    ...more,
  });
}

async function createLink(maker: TestPerson, spaceId: string, more: JsonObject = {}): Promise<string> {
  const answered = await maker.ok('POST', '/v2/invitations/links', { event: linkEvent(maker, spaceId, more) });
  return textOf(answered['invite_id']);
}

function redeem(person: TestPerson, spaceId: string, inviteId: string, more: JsonObject = {}) {
  const event = person.signEvent('redeem_invite_capability', {
    space_id: spaceId,
    invite_id: inviteId,
    redemption_id: `red_${randomText(16)}`,
    redeemer_slug: person.slug,
    redeemer_device_id: person.deviceId,
    redeemer_subkey_id: person.subkeyId,
    redeemed_at: person.server.clock.now,
    ...more,
  });
  return person.call('POST', '/v2/invitations/links/redeem', { event });
}

function revoke(person: TestPerson, spaceId: string, inviteId: string) {
  const payload = { space_id: spaceId, invite_id: inviteId, revoked_at: person.server.clock.now };
  const event = person.signEvent('revoke_invite_capability', payload);
  return person.call('POST', '/v2/invitations/links/revoke', { event });
}

describe.each(DIALECTS)('invite links on %s', (dialect) => {
  it('bring whoever redeems them into the space and the channels of the link', async () => {
    const { server, alice, carol, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    await inviteTo(alice, carol, { spaceId });
    const scope = {
      space_grant: { role: 'member' },
      channel_grants: [{ channel_id: channelId, role: 'member' }],
    };
    const inviteId = await createLink(alice, spaceId, { scope });

    const redeemed = await expectOk(redeem(carol, spaceId, inviteId));

    expect(entries(redeemed.body['server_emitted_events'])).toMatchObject([
      { kind: 'add_to_channel', signature: 'server-auto:invite-link-redemption', payload: { added_slug: carol.slug } },
    ]);
    expect(sortedTexts((await carol.ok('GET', `/spaces/${spaceId}/channels`))['channels'], 'name')).toEqual([
      'General',
      'plans',
    ]);
    const { members } = await carol.ok('GET', `/spaces/${spaceId}/channels/${channelId}/members`);
    expect(column(members, 'slug')).toContain(carol.slug);
    expect(await invitesOf(carol)).toEqual([]);
    expect(await alice.ok('GET', `/v2/invitations/links/${inviteId}`)).toMatchObject({ uses: 1, space_name: 'Team' });
    expect((await redeem(carol, spaceId, inviteId)).status).toBe(200);
    expect(await alice.ok('GET', `/v2/invitations/links/${inviteId}`)).toMatchObject({ uses: 1 });
  });

  it('end by use, time and revocation', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const dora = await signUp(server, 'dora');
    const once = await createLink(alice, spaceId, { max_uses: 1 });
    const short = await createLink(alice, spaceId, { expires_at: server.clock.now + 1000 });
    const revoked = await createLink(bob, spaceId);

    expect((await revoke(carol, spaceId, revoked)).status).toBe(403);
    expect((await revoke(bob, spaceId, revoked)).status).toBe(200);
    expect((await revoke(alice, spaceId, revoked)).status).toBe(200);
    expect((await redeem(carol, spaceId, revoked)).status).toBe(410);
    server.clock.now += 1000;
    expect((await redeem(carol, spaceId, short)).status).toBe(410);
    expect((await redeem(carol, spaceId, once)).status).toBe(200);
    expect((await redeem(dora, spaceId, once)).status).toBe(410);
  });

  it('are redeemed for oneself only, and once', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const inviteId = await createLink(alice, spaceId);

    expect((await redeem(carol, spaceId, inviteId, { redeemer_slug: bob.slug })).status).toBe(403);
    expect((await redeem(carol, spaceId, `inv_${randomText(16)}`)).status).toBe(404);
    await expectOk(redeem(carol, spaceId, inviteId));
    const remove = { space_id: spaceId, removed_slug: carol.slug, effective_from: server.clock.now };
    await expectOk(alice.post(spaceId, 'remove_from_space', remove));
    expect((await redeem(carol, spaceId, inviteId)).status).toBe(409);
  });

  it('end when their maker leaves the space', async () => {
    const { server, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const inviteId = await createLink(bob, spaceId);

    await expectOk(bob.post(spaceId, 'leave_space', { space_id: spaceId, effective_from: server.clock.now }));

    expect((await redeem(carol, spaceId, inviteId)).status).toBe(410);
  });

  it('are listed whole for the owner, and one by one for members', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const ofAlice = await createLink(alice, spaceId);
    const ofBob = await createLink(bob, spaceId);
    const target = `/v2/invitations/links?space_id=${spaceId}`;

    expect(column((await alice.ok('GET', target))['links'], 'invite_id')).toEqual([ofAlice, ofBob]);
    expect(column((await bob.ok('GET', target))['links'], 'invite_id')).toEqual([ofBob]);
    expect((await carol.call('GET', target)).status).toBe(403);
    expect((await carol.call('GET', `/v2/invitations/links/inv_${randomText(16)}`)).status).toBe(404);
  });

  it('are made by the routes for them, from the right kind of event', async () => {
    const { server, alice, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const event = linkEvent(alice, spaceId);

    expect((await alice.call('POST', '/v2/invitations/links/revoke', { event })).status).toBe(400);
    expect((await carol.call('POST', '/v2/invitations/links', { event: linkEvent(carol, spaceId) })).status).toBe(403);
    expect((await alice.call('POST', '/v2/invitations/links', { event })).status).toBe(201);
    expect((await alice.call('POST', '/v2/invitations/links', { event })).status).toBe(201);
    const { invite_id } = event['payload'] as { invite_id: string };
    expect(
      (await alice.call('POST', '/v2/invitations/links', { event: linkEvent(alice, spaceId, { invite_id }) })).status,
    ).toBe(409);
  });
});
