// Invites into spaces and channels, links, and agents that are retired. spec: wire-protocol 8.4, 9.20, 9.21, 12, 14.5
import type { JsonObject } from '@puffo/base';
import { createChannelId, createEventId, issueOperatorRevocation } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { recordHub } from './kit/recording-hub.ts';
import { column, createChannel, entries, expectOk, inviteTo, postEvent } from './kit/space-steps.ts';
import { createSpace, join, random, registerAgent, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { startTeam } from './kit/team.ts';
import { DIALECTS, startTestServer } from './kit/test-server.ts';

async function invitesOf(person: TestPerson, direction = 'received'): Promise<readonly JsonObject[]> {
  return entries((await person.ok('GET', `/invites?direction=${direction}`))['invites']);
}

function answer(person: TestPerson, verb: 'accept' | 'reject' | 'cancel', invite: JsonObject) {
  const { scope, space_id, channel_id, invitation_event_id } = invite;
  const times = { accept: 'accepted_at', reject: 'rejected_at', cancel: 'cancelled_at' };
  const where = scope === 'channel' ? { space_id, channel_id } : { space_id };
  const payload = { ...where, invitation_event_id, [times[verb]]: person.server.clock.now } as JsonObject;
  return person.post(textOf(space_id), `${verb}_${textOf(scope)}_invite`, payload);
}

function spaceInvite(spaceId: string, invitationEventId: string): JsonObject {
  return { scope: 'space', space_id: spaceId, invitation_event_id: invitationEventId };
}

describe.each(DIALECTS)('invites on %s', (dialect) => {
  it('are listed for both sides with names as they were, and with the signed event', async () => {
    const { server, alice, carol, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const event = alice.signEvent('invite_to_space', {
      space_id: spaceId,
      invitee_slug: carol.slug,
      initial_channel_ids: [channelId],
      issued_at: server.clock.now,
    });
    const { notified } = recordHub(server);
    await expectOk(postEvent(alice, spaceId, event));
    await alice.ok('PATCH', `/spaces/${spaceId}`, { name: 'Renamed' });

    const [received] = await invitesOf(carol);
    const [sent] = await invitesOf(alice, 'sent');

    expect(received).toMatchObject({
      invitation_event_id: event['event_id'],
      scope: 'space',
      space_id: spaceId,
      channel_id: null,
      inviter_slug: alice.slug,
      invitee_slug: carol.slug,
      issued_at: server.clock.now,
      space_name: 'Team',
      channel_name: null,
      state: 'Pending',
      role: 'member',
      initial_channel_ids: [channelId],
      invitation_event: { server_received_at_ms: server.clock.now, event },
    });
    expect(sent).toEqual(received);
    expect(await invitesOf(alice)).toEqual([]);
    expect(received).toMatchObject({ bootstrap: { Space: { proof_events: [{ kind: 'create_space' }] } } });
    expect(notified[0]?.slugs).toContain(carol.slug);
  });

  it('into a channel are answered by the invitee alone', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const channelId = await createChannel(alice, spaceId);
    await inviteTo(alice, bob, { spaceId, channelId });
    const [invite] = await invitesOf(bob);
    if (invite === undefined) throw new TypeError('no invite');

    expect(invite).toMatchObject({ scope: 'channel', channel_id: channelId, channel_name: 'more' });
    expect((await answer(carol, 'accept', invite)).status).toBe(403);
    expect((await answer(alice, 'accept', invite)).status).toBe(403);
    expect((await answer(bob, 'accept', { ...invite, channel_id: createChannelId(random) })).status).toBe(404);
    await expectOk(answer(bob, 'accept', invite));
    expect(await invitesOf(bob)).toEqual([]);
    const { members } = await bob.ok('GET', `/spaces/${spaceId}/channels/${channelId}/members`);
    expect(column(members, 'role')).toEqual(['owner', 'member']);
  });

  it('are accepted again without effect, but not after a rejection or cancellation', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const first = spaceInvite(spaceId, await inviteTo(alice, carol, { spaceId }));
    await expectOk(answer(carol, 'reject', first));
    expect((await answer(carol, 'accept', first)).status).toBe(409);
    expect((await answer(carol, 'reject', first)).status).toBe(409);

    const second = spaceInvite(spaceId, await inviteTo(bob, carol, { spaceId }));
    expect((await answer(carol, 'cancel', second)).status).toBe(403);
    await expectOk(answer(alice, 'cancel', second));
    expect((await answer(carol, 'accept', second)).status).toBe(409);

    const third = spaceInvite(spaceId, await inviteTo(bob, carol, { spaceId }));
    await expectOk(answer(carol, 'accept', third));
    const log = await carol.ok('GET', `/spaces/${spaceId}/events`);
    expect((await answer(carol, 'accept', third)).body).toEqual({ ok: true, applied: 0 });
    expect(await carol.ok('GET', `/spaces/${spaceId}/events`)).toEqual(log);
    expect((await answer(carol, 'accept', spaceInvite(spaceId, createEventId(random)))).status).toBe(404);
  });

  it('give the invited role', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const payload = { space_id: spaceId, invitee_slug: carol.slug, invitee_role: 'admin', issued_at: server.clock.now };

    expect((await bob.post(spaceId, 'invite_to_space', payload)).status).toBe(403);
    expect((await alice.post(spaceId, 'invite_to_space', { ...payload, invitee_role: 'owner' })).status).toBe(400);
    await expectOk(alice.post(spaceId, 'invite_to_space', payload));
    const [invite] = await invitesOf(carol);
    await expectOk(answer(carol, 'accept', invite ?? {}));

    expect((await carol.ok('GET', `/spaces/${spaceId}`))['role']).toBe('admin');
  });

  it('are refused for members, strangers to the server, twice, and by agents', async () => {
    const { server, alice, bob, carol, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const helper = await registerAgent(bob);
    await join(alice, helper, { spaceId, channelId });
    const invite = (person: TestPerson, invitee_slug: string) =>
      person.post(spaceId, 'invite_to_space', { space_id: spaceId, invitee_slug, issued_at: server.clock.now });

    const statuses = {
      ofAMember: (await invite(alice, bob.slug)).status,
      ofNobody: (await invite(alice, 'nobody-0000')).status,
      byAStranger: (await invite(carol, carol.slug)).status,
      byAnAgent: (await invite(helper, carol.slug)).status,
      first: (await invite(alice, carol.slug)).status,
      second: (await invite(bob, carol.slug)).status,
    };

    expect(statuses).toEqual({
      ofAMember: 409,
      ofNobody: 404,
      byAStranger: 403,
      byAnAgent: 403,
      first: 200,
      second: 409,
    });
  });

  it('open no channel that the inviter is not in', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    const hidden = await createChannel(alice, spaceId);
    const invite = (initial_channel_ids: readonly string[]) =>
      bob.post(spaceId, 'invite_to_space', {
        space_id: spaceId,
        invitee_slug: carol.slug,
        issued_at: server.clock.now,
        initial_channel_ids,
      });

    expect((await invite([hidden])).status).toBe(403);
    expect((await invite([createChannelId(random)])).status).toBe(404);
    await expect(inviteTo(bob, alice, { spaceId, channelId: hidden })).rejects.toThrow('403');
  });

  it('of somebody blocked are refused', async () => {
    const { server, alice, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    await carol.ok('POST', '/blocklists', { target: 'user', id: alice.slug });

    await expect(inviteTo(alice, carol, { spaceId })).rejects.toThrow('403');
  });

  it('into channels are accepted at once for who wants that', async () => {
    const { server, alice, bob, spaceId } = await startTeam(dialect);
    await using _server = server;
    const channelId = await createChannel(alice, spaceId);
    await bob.ok('PATCH', `/spaces/${spaceId}/members/me/settings`, { auto_accept_owner_invite: true });
    const invite = alice.signEvent('invite_to_channel', {
      space_id: spaceId,
      channel_id: channelId,
      invitee_slug: bob.slug,
      issued_at: server.clock.now,
    });

    const { body } = await expectOk(postEvent(alice, spaceId, invite));

    expect(entries(body['server_emitted_events'])).toMatchObject([
      {
        kind: 'accept_channel_invite',
        signer_slug: bob.slug,
        signature: 'server-auto:auto-accept-channel-invite',
        payload: { channel_id: channelId, channel_name: 'more', original_invite: invite },
      },
    ]);
    expect(await invitesOf(bob)).toEqual([]);
    const { members } = await bob.ok('GET', `/spaces/${spaceId}/channels/${channelId}/members`);
    expect(column(members, 'slug')).toContain(bob.slug);
  });

  it('refuse an unknown direction', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);

    expect((await alice.call('GET', '/invites?direction=both')).status).toBe(400);
  });
});

describe.each(DIALECTS)('a retired agent on %s', (dialect) => {
  async function retire(operator: TestPerson, agent: TestPerson): Promise<void> {
    const { now: issuedAt } = operator.server.clock;
    const agentKey = agent.identity.rootKey.verifyKey;
    const revocation = issueOperatorRevocation(operator.identity.rootKey, {
      agentKey,
      effectiveFrom: issuedAt,
      issuedAt,
      random,
    });
    await operator.ok('POST', `/agents/${agent.slug}/operator/revoke`, revocation);
  }

  it('leaves all spaces and loses its invites, and members are told', async () => {
    const { server, alice, bob, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const helper = await registerAgent(bob);
    await join(alice, helper, { spaceId, channelId });
    const { spaceId: second } = await createSpace(alice);
    await inviteTo(alice, helper, { spaceId: second });
    const { notified } = recordHub(server);

    await retire(bob, helper);

    const { members } = await alice.ok('GET', `/spaces/${spaceId}/channels/${channelId}/members`);
    expect(column(members, 'slug')).not.toContain(helper.slug);
    expect(await invitesOf(alice, 'sent')).toEqual([]);
    const event = notified.find(({ frame }) => frame.type === 'event');
    expect(event?.frame).toMatchObject({ scope: spaceId, event: { kind: 'leave_space', signer_slug: helper.slug } });
    expect(event?.slugs).toContain(alice.slug);
  });

  it('hands a space it owned to a person in it, or ends it', async () => {
    await using server = await startTestServer({ dialect, settings: { agentsMayCreateSpaces: true } });
    const alice = await signUp(server);
    const bob = await signUp(server, 'bob');
    const helper = await registerAgent(alice);
    const shared = await createSpace(helper);
    const lonely = await createSpace(helper);
    await join(helper, bob, shared);

    await retire(alice, helper);

    expect((await bob.ok('GET', `/spaces/${shared.spaceId}`))['role']).toBe('owner');
    const { db } = server.context.database;
    const row = await db
      .selectFrom('spaces')
      .where('space_id', '=', lonely.spaceId)
      .select('deleted_at')
      .executeTakeFirstOrThrow();
    expect(row.deleted_at).toBe(server.clock.now);
  });
});
