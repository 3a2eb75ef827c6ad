// Reading the log of a space. spec: wire-protocol 8.5, 9.18
import type { JsonObject } from '@puffo/base';
import { describe, expect, it } from 'vitest';
import { column, createChannel, entries } from './kit/space-steps.ts';
import { createSpace, join, signUp, type TestPerson, textOf } from './kit/test-person.ts';
import { DIALECTS, startTestServer } from './kit/test-server.ts';

async function allEvents(person: TestPerson, spaceId: string): Promise<readonly JsonObject[]> {
  return entries((await person.ok('GET', `/spaces/${spaceId}/events`))['events']);
}

describe.each(DIALECTS)('the log on %s', (dialect) => {
  it('is read in pages that end honestly', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId } = await createSpace(alice);
    await createSpace(alice);
    await createChannel(alice, spaceId);
    const log = `/spaces/${spaceId}/events`;

    const first = await alice.ok('GET', `${log}?limit=2`);
    const second = await alice.ok('GET', `${log}?limit=2&since=${textOf(first['next_cursor'])}`);
    const third = await alice.ok('GET', `${log}?limit=2&since=${textOf(second['next_cursor'])}`);

    expect([first['has_more'], second['has_more'], third['has_more']]).toEqual([true, false, false]);
    expect(third).toEqual({ events: [], next_cursor: second['next_cursor'], has_more: false });
    const whole = await allEvents(alice, spaceId);
    expect([...entries(first['events']), ...entries(second['events'])]).toEqual(whole);
    const seqs = column(whole, 'seq').map(Number);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect((await alice.ok('GET', `/spaces/${spaceId}`))['latest_event_cursor']).toBe(second['next_cursor']);
  });

  it('has the event time beside what was signed', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId, channelId } = await createSpace(alice);

    const entry = (await allEvents(alice, spaceId)).at(-1);

    expect(Object.keys(entry ?? {}).toSorted()).toEqual([
      'event_id',
      'kind',
      'payload',
      'payload_issued_at',
      'seq',
      'signature',
      'signer_device_id',
      'signer_slug',
      'signer_subkey_id',
    ]);
    expect(entry).toMatchObject({ payload_issued_at: server.clock.now, payload: { channel_id: channelId } });
  });

  it('of one channel is for its members, unless it is public', async () => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const bob = await signUp(server, 'bob');
    const place = await createSpace(alice);
    await join(alice, bob, place);
    const hidden = await createChannel(alice, place.spaceId);
    const open = await createChannel(alice, place.spaceId, { is_public: true });
    const log = `/spaces/${place.spaceId}/events?channel_id=`;

    expect(column((await alice.ok('GET', log + hidden))['events'], 'kind')).toEqual(['create_channel']);
    expect(column((await bob.ok('GET', log + open))['events'], 'kind')).toEqual(['create_channel']);
    expect((await bob.call('GET', log + hidden)).status).toBe(403);
  });

  it.each(['x', '-1', '1.5', '99999999999999999'])('refuses the cursor %s', async (cursor) => {
    await using server = await startTestServer({ dialect });
    const alice = await signUp(server);
    const { spaceId } = await createSpace(alice);

    expect((await alice.call('GET', `/spaces/${spaceId}/events?since=${cursor}`)).status).toBe(400);
  });
});
