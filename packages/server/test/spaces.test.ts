// Spaces, channels and members over HTTP. spec: wire-protocol 8.4, 9.13-9.16, 9.19, 9.20
import type { JsonObject } from '@puffo/base';
import { createChannelId, createSpaceId } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { recordHub } from './kit/recording-hub.ts';
import { column, createChannel, entries, expectOk, inviteTo, sortedTexts } from './kit/space-steps.ts';
import { createSpace, join, random, registerAgent, signUp, textOf } from './kit/test-person.ts';
import { startTeam } from './kit/team.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

describe.each(DIALECTS)('spaces on %s', (dialect) => {
  it('are listed for their members, with role and newest cursor', async () => {
    const { server, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;

    const [space, ...others] = entries((await bob.ok('GET', '/spaces'))['spaces']);

    expect(others).toEqual([]);
    expect(space).toEqual({
      space_id: spaceId,
      name: 'Team',
      description: null,
      avatar_url: null,
      archived_at: null,
      role: 'member',
      joined_at: server.clock.now,
      latest_event_cursor: '5',
    });
    expect(await bob.ok('GET', `/spaces/${spaceId}`)).toEqual(space);
    expect((await carol.ok('GET', '/spaces'))['spaces']).toEqual([]);
  });

  it('do not exist for others', async () => {
    const { server, carol, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;

    const statuses = await Promise.all(
      [
        `/spaces/${spaceId}`,
        `/spaces/${spaceId}/members`,
        `/spaces/${spaceId}/channels`,
        `/spaces/${spaceId}/channels/${channelId}/members`,
        `/spaces/${spaceId}/events`,
        `/spaces/${spaceId}/members/me/settings`,
        `/spaces/${createSpaceId(random)}/members`,
      ].map(async (target) => (await carol.call('GET', target)).status),
    );

    expect(statuses).toEqual([404, 403, 403, 403, 403, 403, 404]);
  });

  it('list all members with their kind', async () => {
    const { server, alice, bob, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const helper = await registerAgent(alice);
    await join(alice, helper, { spaceId, channelId });

    const members = entries((await bob.ok('GET', `/spaces/${spaceId}/members`))['members']);

    expect(new Map(members.map(({ slug, role, identity_type }) => [slug, [role, identity_type]]))).toEqual(
      new Map([
        [alice.slug, ['owner', 'human']],
        [bob.slug, ['member', 'human']],
        [helper.slug, ['member', 'agent']],
      ]),
    );
  });

  it('show the channels one is in, and public ones', async () => {
    const { server, alice, bob, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const hidden = await createChannel(alice, spaceId);
    const open = await createChannel(alice, spaceId, { is_public: true });

    const channels = entries((await bob.ok('GET', `/spaces/${spaceId}/channels`))['channels']);

    expect(sortedTexts(channels, 'name')).toEqual(['General', 'more', 'plans']);
    expect(column(channels, 'channel_id')).not.toContain(hidden);
    expect(channels.find(({ channel_id }) => channel_id === channelId)).toEqual({
      channel_id: channelId,
      name: 'plans',
      description: null,
      is_public: false,
      is_encrypted: true,
      created_at: server.clock.now,
      owner_slug: alice.slug,
    });
    expect((await bob.call('GET', `/spaces/${spaceId}/channels/${hidden}/members`)).status).toBe(403);
    expect((await bob.call('GET', `/spaces/${spaceId}/channels/${open}/members`)).status).toBe(403);
    expect((await bob.call('GET', `/spaces/${spaceId}/channels/${createChannelId(random)}/members`)).status).toBe(404);
  });

  it('list the members of a channel completely and with the caller', async () => {
    const { server, alice, bob, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const helper = await registerAgent(alice);
    await join(alice, helper, { spaceId, channelId });
    const target = `/spaces/${spaceId}/channels/${channelId}/members`;

    const members = entries((await bob.ok('GET', target))['members']);

    expect(sortedTexts(members, 'slug')).toEqual([alice.slug, bob.slug, helper.slug].toSorted());
    expect(members.find(({ slug }) => slug === helper.slug)).toMatchObject({
      role: 'member',
      identity_type: 'agent',
      owner_slug: alice.slug,
    });
    await expectOk(helper.post(spaceId, 'leave_channel', leaveChannel(server, spaceId, channelId)));
    expect(column((await bob.ok('GET', target))['members'], 'slug')).not.toContain(helper.slug);
  });

  it('give new members General and the listed channels, nothing else', async () => {
    const { server, alice, bob, spaceId } = await startTeam(dialect);
    await using _server = server;
    await createChannel(alice, spaceId, { is_public: true });

    const log = entries((await bob.ok('GET', `/spaces/${spaceId}/events`))['events']);
    const general = log.find(({ signature }) => signature === 'server-auto:default-general-channel');

    expect(general).toMatchObject({ kind: 'create_channel', signer_slug: alice.slug, signer_device_id: '' });
    expect(general?.['payload']).toMatchObject({ name: 'General', is_public: true });
    const generalId = textOf((general?.['payload'] as JsonObject | undefined)?.['channel_id']);
    const members = (await bob.ok('GET', `/spaces/${spaceId}/channels/${generalId}/members`))['members'];
    expect(sortedTexts(members, 'slug')).toEqual([alice.slug, bob.slug].toSorted());
  });

  it('take the agents along with an operator who leaves, but not the owner', async () => {
    const { server, alice, bob, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const helper = await registerAgent(bob);
    await join(alice, helper, { spaceId, channelId });
    const { notified } = recordHub(server);
    const leave = { space_id: spaceId, effective_from: server.clock.now };

    expect((await alice.post(spaceId, 'leave_space', leave)).status).toBe(403);
    const answer = await expectOk(bob.post(spaceId, 'leave_space', leave));

    expect(entries(answer.body['server_emitted_events'])).toMatchObject([
      {
        kind: 'leave_space',
        signer_slug: helper.slug,
        signer_device_id: '',
        signature: 'server-auto:agent-cascade-leave-space',
      },
    ]);
    expect(column((await alice.ok('GET', `/spaces/${spaceId}/members`))['members'], 'slug')).toEqual([alice.slug]);
    const members = await alice.ok('GET', `/spaces/${spaceId}/channels/${channelId}/members`);
    expect(column(members['members'], 'slug')).toEqual([alice.slug]);
    expect(notified.map(({ frame }) => frame.type)).toEqual(['event', 'event', 'space_membership_changed']);
    expect(notified[0]?.slugs.toSorted()).toEqual([alice.slug, bob.slug, helper.slug].toSorted());
    expect(notified[2]?.slugs.toSorted()).toEqual([bob.slug, helper.slug].toSorted());
  });

  it('lose a removed member with all channels and what that person offered', async () => {
    const { server, alice, bob, carol, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    await inviteTo(bob, carol, { spaceId });
    const remove = { space_id: spaceId, removed_slug: bob.slug, effective_from: server.clock.now };

    expect((await bob.post(spaceId, 'remove_from_space', { ...remove, removed_slug: alice.slug })).status).toBe(403);
    await expectOk(alice.post(spaceId, 'remove_from_space', remove));

    expect((await bob.ok('GET', '/spaces'))['spaces']).toEqual([]);
    expect((await bob.call('GET', `/spaces/${spaceId}/channels/${channelId}/members`)).status).toBe(403);
    expect((await carol.ok('GET', '/invites'))['invites']).toEqual([]);
    expect((await alice.post(spaceId, 'remove_from_space', remove)).status).toBe(404);
  });

  it('are handed over: the old owner stays as admin and may leave then', async () => {
    const { server, alice, bob, spaceId } = await startTeam(dialect);
    await using _server = server;
    const { now } = server.clock;

    await expectOk(
      alice.post(spaceId, 'transfer_space_ownership', { space_id: spaceId, new_owner_slug: bob.slug, issued_at: now }),
    );

    expect((await bob.ok('GET', `/spaces/${spaceId}`))['role']).toBe('owner');
    expect((await alice.ok('GET', `/spaces/${spaceId}`))['role']).toBe('admin');
    await expectOk(alice.post(spaceId, 'leave_space', { space_id: spaceId, effective_from: now }));
  });

  it('let members create channels only where the server says so', async () => {
    const strict = await startTeam(dialect);
    await using _strict = strict.server;
    const settings = { membersMayCreateChannels: true };
    const lax = await startTeam(dialect, await startTestServer({ dialect, settings }));
    await using _lax = lax.server;

    await expect(createChannel(strict.bob, strict.spaceId)).rejects.toThrow('403');
    await expect(createChannel(lax.bob, lax.spaceId)).resolves.toMatch(/^ch_/);
  });

  it('take listed members of the space into a new channel, and nobody else', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;

    const channelId = await createChannel(alice, spaceId, { initial_member_slugs: [bob.slug, bob.slug, carol.slug] });

    const { members } = await bob.ok('GET', `/spaces/${spaceId}/channels/${channelId}/members`);
    expect(sortedTexts(members, 'slug')).toEqual([alice.slug, bob.slug].toSorted());
  });

  it('are not created by agents unless the server says so', async () => {
    const { server, alice } = await startTeam(dialect);
    await using _server = server;
    await using lax = await startTestServer({ dialect, settings: { agentsMayCreateSpaces: true } });
    const strictAgent = await registerAgent(alice);
    const laxAgent = await registerAgent(await signUp(lax));

    await expect(createSpace(strictAgent)).rejects.toThrow('FORBIDDEN');
    await expect(createSpace(laxAgent)).resolves.toMatchObject({});
  });

  it('keep settings of each member, of which agents have one only', async () => {
    const { server, alice, bob, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const helper = await registerAgent(bob);
    await join(alice, helper, { spaceId, channelId });
    const target = `/spaces/${spaceId}/members/me/settings`;

    await bob.ok('PATCH', target, { auto_accept_member_invite: true });
    await helper.ok('PATCH', target, { auto_accept_owner_invite: true });

    expect(await bob.ok('GET', target)).toEqual({ auto_accept_owner_invite: false, auto_accept_member_invite: true });
    expect(await helper.ok('GET', target)).toEqual({
      auto_accept_owner_invite: true,
      auto_accept_member_invite: false,
    });
    expect((await helper.call('PATCH', target, { auto_accept_member_invite: true })).status).toBe(403);
    expect(await alice.ok('GET', target)).toEqual({
      auto_accept_owner_invite: false,
      auto_accept_member_invite: false,
    });
  });
});

function leaveChannel(server: TestServer, spaceId: string, channelId: string) {
  return { space_id: spaceId, channel_id: channelId, effective_from: server.clock.now };
}
