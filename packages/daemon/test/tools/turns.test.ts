// spec: mcp-tools 14.2, 14.5
import { selectReply } from '@puffo/agent';
import type { EnvelopeId } from '@puffo/protocol';
import { startFlakyProxy, startTestNetwork, waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arrivalOf, idOf } from '../store/kit.ts';
import { idIn, startToolWorld, type ToolWorld } from './tool-world.ts';

let world: ToolWorld;
let seq = 0;

beforeAll(async () => {
  world = await startToolWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

/** A turn of one new message, as the worker begins it. */
async function beginTurn(messageIds?: readonly EnvelopeId[]) {
  seq++;
  if (messageIds === undefined) await world.store.record([arrivalOf(seq)]);
  const ids = messageIds ?? [idOf(seq)];
  const turn = await world.store.beginTurn(ids);
  if (turn === undefined) throw new Error('the turn did not begin');
  world.host.beginTurn(turn.turnId, ids);
  return { turnId: turn.turnId, ids };
}

function reply(summary: { readonly sends: number; readonly declined: boolean }, ...texts: string[]) {
  return selectReply({ texts, ...summary, speaksByText: false }).kind;
}

async function settle(turnId: string, ids: readonly EnvelopeId[]): Promise<void> {
  const outcomes = ids.map((envelopeId) => ({ envelopeId, state: 'answered' as const }));
  await world.store.settleTurn(turnId, { state: 'done', outcomes });
}

const say = (text: string) => world.call('send_message', { channel: world.channel.channelId, text });

describe('14.51 what a turn posts', () => {
  test('after a successful send, its text is not posted', async () => {
    const { turnId, ids } = await beginTurn();
    await say('said');
    expect(reply(await world.host.endTurn(turnId), 'and a text')).toBe('said');
    await settle(turnId, ids);
  });

  test('after a failed send, its text is posted', async () => {
    const { turnId, ids } = await beginTurn();
    await world.call('send_message', { channel: '', text: 'x' });
    expect(reply(await world.host.endTurn(turnId), 'plan B')).toBe('post');
    await settle(turnId, ids);
  });

  test('after a successful upload, its text is not posted', async () => {
    const { turnId, ids } = await beginTurn();
    await world.write('a.txt', 'x');
    await world.use('upload_file', { paths: ['a.txt'], channel: world.channel.channelId });
    expect(reply(await world.host.endTurn(turnId), 'a stray comment')).toBe('said');
    await settle(turnId, ids);
  });

  test('after no_reply, nothing is posted; after nothing at all, somebody may have to be told', async () => {
    const first = await beginTurn();
    await world.use('no_reply', { reason: 'not meant' });
    expect(reply(await world.host.endTurn(first.turnId), 'thinking aloud')).toBe('silent');
    await settle(first.turnId, first.ids);
    const second = await beginTurn();
    expect(reply(await world.host.endTurn(second.turnId))).toBe('nothing');
    await settle(second.turnId, second.ids);
  });
});

test('a call that began in the turn is waited for and counts', async () => {
  const { turnId, ids } = await beginTurn();
  const sending = say('just in time');
  const summary = await world.host.endTurn(turnId);
  expect([summary.sends, (await sending).isError]).toEqual([1, false]);
  await settle(turnId, ids);
});

test('14.53 a send by a background task after the turn does not suppress the text of the next turn', async () => {
  const first = await beginTurn();
  await world.host.endTurn(first.turnId);
  await settle(first.turnId, first.ids);
  await say('from the background');
  const second = await beginTurn();
  expect(await world.host.endTurn(second.turnId)).toEqual({ sends: 0, declined: false });
  await settle(second.turnId, second.ids);
  const [latest] = (await world.store.listToolCalls(10)).filter(({ tool }) => tool === 'send_message');
  expect(latest).toMatchObject({ turnId: undefined, outcome: { isError: false } });
});

test('14.54 what was said before a crash answers the turn: it is not taken again', async () => {
  await beginTurn();
  await say('said before the crash');
  const recovery = await world.store.recover({ maxAttempts: 4, noticeOf: () => undefined });
  expect(recovery).toEqual({ settled: 1, waiting: 0, failed: 0 });
});

test('14.55 a repeated turn with an identical send does not post twice and tells the model', async () => {
  const first = await beginTurn();
  const before = await world.use('send_message', { channel: world.channel.channelId, text: 'once for all attempts' });
  await world.host.endTurn(first.turnId);
  await settle(first.turnId, first.ids);
  // The daemon takes it again under another id, with the same messages.
  world.host.beginTurn('turn_again', first.ids);
  expect(await world.host.listEarlierSends('turn_again', first.ids)).toEqual([`send_message: ${before}`]);
  const after = await world.use('send_message', { channel: world.channel.channelId, text: 'once for all attempts' });
  expect(after).toContain(`already posted ${idIn(before)}`);
  expect((await world.host.endTurn('turn_again')).sends).toBe(1);
  await waitFor(() => world.alice.inbox.texts.includes('once for all attempts'), 'the message');
  expect(world.alice.inbox.texts.filter((text) => text === 'once for all attempts')).toHaveLength(1);
});

test('within one attempt, equal calls are two messages', async () => {
  const { turnId, ids } = await beginTurn();
  const one = await world.use('send_message', { channel: world.channel.channelId, text: 'twice on purpose' });
  const two = await world.use('send_message', { channel: world.channel.channelId, text: 'twice on purpose' });
  expect(idIn(two)).not.toBe(idIn(one));
  expect((await world.host.endTurn(turnId)).sends).toBe(2);
  await settle(turnId, ids);
});

test('14.31 the message that is one too many is refused, and the operator is told once', async () => {
  world.restart({ speakLimits: [{ count: 2, withinMs: 60_000 }] });
  await say('one');
  await say('two');
  const refused = [await say('three'), await say('four')];
  expect(refused.map(({ isError }) => isError)).toEqual([true, true]);
  expect(refused[0]?.text).toContain('you have sent too many messages');
  expect(world.told).toHaveLength(1);
  world.restart();
});

test.each(['refuse-503', 'mask-503', 'drop-answer'] as const)(
  '14.25 a %s on the first posting leads to one delivered message with one id',
  async (fault) => {
    await using network = await startTestNetwork();
    await using proxy = await startFlakyProxy({ target: network.url, seed: 1 });
    const alice = await network.signUp('alice', { serverUrl: proxy.url });
    const agent = await alice.registerAgent('helper');
    const space = await alice.createSpace('Team');
    await space.add(agent);
    await using flaky = await startToolWorld({ network, agent: { alice, agent, space, channel: space.general } });
    proxy.inject(fault, { method: 'POST', path: '/messages' });
    const text = await flaky.use('send_message', { channel: space.general.channelId, text: 'through the storm' });
    await waitFor(() => alice.inbox.texts.includes('through the storm'), 'the message');
    await flaky.use('send_message', { channel: space.general.channelId, text: 'after it' });
    await waitFor(() => alice.inbox.texts.includes('after it'), 'the later message');
    const said = alice.inbox.messages.filter(({ content }) => content === 'through the storm');
    expect([said.map(({ envelopeId }) => envelopeId), proxy.faults[fault]]).toEqual([[idIn(text)], 1]);
  },
);

test('a message that cannot reach the server in time is on its way, counts as said, and arrives once', async () => {
  await using network = await startTestNetwork();
  await using proxy = await startFlakyProxy({ target: network.url, seed: 1 });
  const alice = await network.signUp('alice', { serverUrl: proxy.url });
  const agent = await alice.registerAgent('helper');
  const space = await alice.createSpace('Team');
  await space.add(agent);
  const place = { network, agent: { alice, agent, space, channel: space.general } };
  await using flaky = await startToolWorld({ ...place, sendWaitMs: 1 });
  await flaky.store.record([arrivalOf(1)]);
  const turn = await flaky.store.beginTurn([idOf(1)]);
  const turnId = turn?.turnId ?? '';
  flaky.host.beginTurn(turnId, [idOf(1)]);
  proxy.inject('stall-answer', { method: 'POST', path: '/messages' });
  const text = await flaky.use(
    'send_message',
    { channel: space.general.channelId, text: 'later' },
    { callId: 'toolu_q' },
  );
  expect(text).toMatch(/^queued msg_\S+ to General .*\nnote: .*do not send it again$/);
  expect(await flaky.host.endTurn(turnId)).toEqual({ sends: 1, declined: false });
  expect(await flaky.store.findToolCall('toolu_q')).toMatchObject({
    outcome: { code: 'unknown_outcome', isError: false },
  });
  proxy.heal();
  await waitFor(() => alice.inbox.messages.some(({ envelopeId }) => envelopeId === idIn(text)), 'the message');
  await waitFor(async () => (await flaky.store.listPendingReplies()).length === 0, 'the reply to be settled');
  expect(alice.inbox.texts).toEqual(['later']);
});
