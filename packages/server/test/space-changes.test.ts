// Renaming, archiving and deleting. spec: wire-protocol 9.19, 14.1
import { describe, expect, it } from 'vitest';
import { recordHub } from './kit/recording-hub.ts';
import { column, expectOk, inviteTo } from './kit/space-steps.ts';
import { type TestPerson } from './kit/test-person.ts';
import { startTeam } from './kit/team.ts';
import { DIALECTS } from './kit/test-server.ts';

async function makeAdmin(owner: TestPerson, target: TestPerson, spaceId: string): Promise<void> {
  const payload = { space_id: spaceId, target_slug: target.slug, new_role: 'admin', issued_at: owner.server.clock.now };
  await expectOk(owner.post(spaceId, 'update_role', payload));
}

describe.each(DIALECTS)('spaces and channels on %s', (dialect) => {
  it('are renamed, archived and deleted by owner and admins only', async () => {
    const { server, alice, bob, carol, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const calls = [
      ['PATCH', `/spaces/${spaceId}`, { name: 'Crew' }],
      ['POST', `/spaces/${spaceId}/archive`, undefined],
      ['POST', `/spaces/${spaceId}/unarchive`, undefined],
      ['PATCH', `/spaces/${spaceId}/channels/${channelId}`, { name: 'ideas' }],
      ['DELETE', `/spaces/${spaceId}/channels/${channelId}`, undefined],
      ['DELETE', `/spaces/${spaceId}`, {}],
    ] as const;

    for (const [method, target, body] of calls) {
      expect([method, target, (await bob.call(method, target, body)).status]).toEqual([method, target, 403]);
      expect([method, target, (await carol.call(method, target, body)).status]).toEqual([method, target, 403]);
    }
    await makeAdmin(alice, bob, spaceId);
    for (const [method, target, body] of calls) {
      expect([method, target, (await bob.call(method, target, body)).status]).toEqual([method, target, 200]);
    }
  });

  it('change name, description and picture, and tell their members', async () => {
    const { server, alice, bob, carol, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const { notified } = recordHub(server);
    const changes = { name: 'Crew', description: 'about', avatar_url: '/blobs/x' };

    expect(await alice.ok('PATCH', `/spaces/${spaceId}`, changes)).toMatchObject({ ok: true, space_id: spaceId });
    await alice.ok('PATCH', `/spaces/${spaceId}/channels/${channelId}`, { name: 'ideas' });

    expect(await bob.ok('GET', `/spaces/${spaceId}`)).toMatchObject(changes);
    expect(column((await bob.ok('GET', `/spaces/${spaceId}/channels`))['channels'], 'name')).toContain('ideas');
    expect(notified.map(({ frame }) => frame)).toEqual([
      { type: 'space_update', space_id: spaceId, ...changes },
      { type: 'channel_update', space_id: spaceId, channel_id: channelId, name: 'ideas' },
    ]);
    expect(notified.map(({ slugs }) => slugs.includes(bob.slug) && !slugs.includes(carol.slug))).toEqual([true, true]);
    await alice.ok('PATCH', `/spaces/${spaceId}`, { description: '', avatar_url: '' });
    expect(await bob.ok('GET', `/spaces/${spaceId}`)).toMatchObject({
      name: 'Crew',
      description: null,
      avatar_url: null,
    });
  });

  it('are archived with a time, once, and come back', async () => {
    const { server, alice, spaceId } = await startTeam(dialect);
    await using _server = server;
    const at = server.clock.now;

    await alice.ok('POST', `/spaces/${spaceId}/archive`);
    server.clock.now += 1000;
    await alice.ok('POST', `/spaces/${spaceId}/archive`);

    expect((await alice.ok('GET', `/spaces/${spaceId}`))['archived_at']).toBe(at);
    await alice.ok('POST', `/spaces/${spaceId}/unarchive`);
    expect((await alice.ok('GET', `/spaces/${spaceId}`))['archived_at']).toBeNull();
  });

  it('keep the log of a deleted channel, and nothing else of it', async () => {
    const { server, alice, bob, spaceId, channelId } = await startTeam(dialect);
    await using _server = server;
    const { notified } = recordHub(server);

    await alice.ok('DELETE', `/spaces/${spaceId}/channels/${channelId}`);

    const { events } = await bob.ok('GET', `/spaces/${spaceId}/events`);
    expect(JSON.stringify(events)).toContain(channelId);
    expect(notified[0]?.frame).toEqual({ type: 'channel_delete', space_id: spaceId, channel_id: channelId });
    expect((await bob.call('GET', `/spaces/${spaceId}/channels/${channelId}/members`)).status).toBe(404);
    expect((await bob.call('GET', `/spaces/${spaceId}/events?channel_id=${channelId}`)).status).toBe(404);
    expect((await alice.call('DELETE', `/spaces/${spaceId}/channels/${channelId}`)).status).toBe(404);
    const again = { space_id: spaceId, channel_id: channelId, name: 'again', created_at: server.clock.now };
    expect((await alice.post(spaceId, 'create_channel', again)).status).toBe(409);
  });

  it('are gone for everybody once deleted, while their log stays in the database', async () => {
    const { server, alice, bob, carol, spaceId } = await startTeam(dialect);
    await using _server = server;
    await inviteTo(alice, carol, { spaceId });
    const { notified } = recordHub(server);

    await alice.ok('DELETE', `/spaces/${spaceId}`);

    expect(notified.map(({ frame }) => frame.type)).toEqual(['space_delete', 'space_membership_changed']);
    expect((await bob.ok('GET', '/spaces'))['spaces']).toEqual([]);
    expect((await alice.call('GET', `/spaces/${spaceId}/events`)).status).toBe(404);
    expect((await carol.ok('GET', '/invites'))['invites']).toEqual([]);
    const leave = { space_id: spaceId, effective_from: server.clock.now };
    expect((await bob.post(spaceId, 'leave_space', leave)).status).toBe(404);
    const create = { space_id: spaceId, name: 'Again', created_at: server.clock.now };
    expect((await alice.post(spaceId, 'create_space', create)).status).toBe(409);
    const { db } = server.context.database;
    const events = await db.selectFrom('events').where('space_id', '=', spaceId).select('event_id').execute();
    expect(events.length).toBe(6);
  });
});
