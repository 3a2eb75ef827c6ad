import { seededRandom, silentLogger } from '@puffo/base';
import { type ChannelId, createChannelId, createSpaceId } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { ClientError } from '../client-error.ts';
import { createPlaces } from './create-places.ts';

const random = seededRandom(5);
const [team, club] = [createSpaceId(random), createSpaceId(random)];
const [plans, Plans, clubPlans, odd] = [
  createChannelId(random),
  createChannelId(random),
  createChannelId(random),
  createChannelId(random),
];

function createScene() {
  const clock = { now: 1e12 };
  const spaces = [
    { space_id: team, name: 'Team' },
    { space_id: club, name: 'Club' },
  ];
  const channels: Record<string, { channel_id: ChannelId; name: string }[]> = {
    [team]: [
      { channel_id: plans, name: 'plans' },
      { channel_id: odd, name: 'a/b' },
    ],
    [club]: [{ channel_id: clubPlans, name: 'plans' }],
  };
  const calls = { listSpaces: 0 };
  const places = createPlaces({
    spaces: {
      async listSpaces() {
        calls.listSpaces++;
        return spaces as never;
      },
    },
    channels: {
      async listChannels(spaceId) {
        const found = channels[spaceId];
        if (found === undefined) throw new ClientError('left', { code: 'refused', apiCode: 'NOT_FOUND' });
        return found as never;
      },
    },
    context: { clock: () => clock.now, random, log: silentLogger },
  });
  return { clock, spaces, channels, calls, places };
}

describe('findChannel', () => {
  it.each([
    ['its id', plans, plans],
    ['space and name', 'Team/plans', plans],
    ['space and name of another case', 'team/PLANS', plans],
    ['space id and name', `${club}/plans`, clubPlans],
    ['space and id', `Club/${clubPlans}`, clubPlans],
    ['a name with a slash in it', 'a/b', odd],
    ['a hash in front', '#a/b', odd],
    ['the space of a name with a slash', 'Team/a/b', odd],
    ['white space around', '  Team/plans ', plans],
  ])('finds a channel by %s', async (_name, text, channelId) => {
    expect((await createScene().places.findChannel(text)).channelId).toBe(channelId);
  });

  it('lists the candidates when a name means several, and when it means none', async () => {
    const { places } = createScene();
    await expect(places.findChannel('plans')).rejects.toThrow(`Team/plans (${plans}), Club/plans (${clubPlans})`);
    await expect(places.findChannel('Team/nothing')).rejects.toThrow(
      /Cannot find channel 'Team\/nothing': there is Team/,
    );
  });

  it('prefers the exact name to one of another case', async () => {
    const { places, channels } = createScene();
    channels[club] = [{ channel_id: Plans, name: 'Plans' }];
    expect((await places.findChannel('Plans')).channelId).toBe(Plans);
    expect((await places.findChannel('plans')).channelId).toBe(plans);
  });

  it('asks once more for what is not there yet, and not for the same miss again at once', async () => {
    const { clock, places, channels, calls } = createScene();
    await places.findChannel(plans);
    await expect(places.findChannel('new')).rejects.toMatchObject({ code: 'invalid-input' });
    expect(calls.listSpaces).toBe(2);
    await expect(places.findChannel('new')).rejects.toMatchObject({ code: 'invalid-input' });
    expect(calls.listSpaces).toBe(2);
    channels[team]?.push({ channel_id: Plans, name: 'new' });
    clock.now += 5000;
    expect((await places.findChannel('new')).channelId).toBe(Plans);
    expect(calls.listSpaces).toBe(3);
  });

  it('finds at once what a frame announced', async () => {
    const { places, channels, calls } = createScene();
    await places.findChannel(plans);
    channels[team]?.push({ channel_id: Plans, name: 'new' });
    places.noteFrame({ type: 'space_membership_changed', space_id: team });
    expect((await places.findChannel('new')).channelId).toBe(Plans);
    expect(calls.listSpaces).toBe(2);
  });

  it('goes on when one space cannot be listed any more', async () => {
    const { places, channels } = createScene();
    delete channels[club];
    expect((await places.findChannel('plans')).channelId).toBe(plans);
  });

  it('shows little of foreign names, and no control characters', async () => {
    const { places, channels } = createScene();
    channels[team] = [1, 2].map(() => ({ channel_id: plans, name: `\u001b[31m${'x'.repeat(500)}` }));
    const failure: unknown = await places.findChannel(`\u001b[31m${'x'.repeat(500)}`).catch((error: unknown) => error);
    expect(String(failure)).not.toContain('\u001b');
    expect(String(failure).length).toBeLessThan(400);
  });
});

describe('findSpace', () => {
  it('finds a space by id or name, and lists them otherwise', async () => {
    const { places } = createScene();
    expect(await places.findSpace(team)).toBe(team);
    expect(await places.findSpace('club')).toBe(club);
    await expect(places.findSpace('School')).rejects.toThrow(/there is Team \(sp_.*Club/);
  });
});
