import { seededRandom, silentLogger } from '@puffo/base';
import { createChannelId, createSpaceId, parseSlug, type ServerFrame } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../http/http-client.ts';
import { createAudience } from './create-audience.ts';

const random = seededRandom(6);
const route = { kind: 'channel', spaceId: createSpaceId(random), channelId: createChannelId(random) } as const;
const [alice, bob] = [parseSlug('alice-0001'), parseSlug('bob-0002')];

function createScene() {
  const clock = { now: 1e12 };
  const answers = { count: 0, gate: Promise.resolve() };
  async function call() {
    const count = ++answers.count;
    await answers.gate;
    return { members: { items: [{ slug: bob }, { slug: parseSlug(`guest-000${count}`) }], unreadable: 0 } };
  }
  const http = { serverUrl: 'http://chat.test', call } as unknown as HttpClient;
  const context = { clock: () => clock.now, random, log: silentLogger };
  return { clock, answers, audience: createAudience({ http, slug: alice, context }) };
}

describe('the audience', () => {
  it('of a direct message is both sides, once each', async () => {
    const { audience, answers } = createScene();
    expect(await audience.getSlugs({ kind: 'dm', recipientSlug: bob })).toEqual([alice, bob]);
    expect(await audience.getSlugs({ kind: 'dm', recipientSlug: alice })).toEqual([alice]);
    expect(answers.count).toBe(0);
  });

  it('of a channel holds the sender, and is asked for once while it is young', async () => {
    const { audience, answers, clock } = createScene();
    const both = await Promise.all([audience.getSlugs(route), audience.getSlugs(route)]);
    expect(both[0]).toEqual([alice, bob, 'guest-0001']);
    expect(both[1]).toEqual(both[0]);
    clock.now += 29_000;
    await audience.getSlugs(route);
    expect(answers.count).toBe(1);
    clock.now += 1000;
    expect(await audience.getSlugs(route)).toContain('guest-0002');
  });

  const { spaceId, channelId } = route;
  it.each<[string, ServerFrame, number]>([
    ['an event of the space', { type: 'event', scope: spaceId, event: {} }, 2],
    ['a change of members', { type: 'space_membership_changed', space_id: spaceId }, 2],
    ['the end of the channel', { type: 'channel_delete', space_id: undefined, channel_id: channelId }, 2],
    ['the end of the space', { type: 'space_delete', space_id: spaceId }, 2],
    ['an event of another space', { type: 'event', scope: createSpaceId(random), event: {} }, 1],
    ['a ping', { type: 'ping' }, 1],
  ])('after %s is as new as it has to be', async (_name, frame, count) => {
    const { audience, answers } = createScene();
    await audience.getSlugs(route);
    audience.noteFrame(frame);
    await audience.getSlugs(route);
    expect(answers.count).toBe(count);
  });

  it('that changed while it was asked for is not kept', async () => {
    const { audience, answers } = createScene();
    let open: (() => void) | undefined;
    answers.gate = new Promise((resolve) => {
      open = resolve;
    });
    const early = audience.getSlugs(route);
    audience.forget(route);
    const late = audience.getSlugs(route);
    open?.();
    expect(await early).toContain('guest-0001');
    expect(await late).toContain('guest-0002');
    expect(await audience.getSlugs(route)).toContain('guest-0002');
    expect(answers.count).toBe(2);
  });
});
