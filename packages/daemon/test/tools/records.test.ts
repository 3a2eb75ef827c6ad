// spec: mcp-tools 3.5
import type { EnvelopeId } from '@puffo/protocol';
import { waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import type { NewToolCall, ToolCallOutcome } from '../../src/store/tool-calls.ts';
import { createToolHost } from '../../src/tools/create-tool-host.ts';
import { idOf, NOW, openStore } from '../store/kit.ts';
import { idIn, startToolWorld } from './tool-world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SAID: ToolCallOutcome = {
  isError: false,
  code: undefined,
  text: 'posted',
  envelopeId: 'msg_said' as EnvelopeId,
  speechDigest: 'digest',
};

function callOf(callKey: string, changes: Partial<NewToolCall> = {}): NewToolCall {
  return {
    callKey,
    tool: 'send_message',
    kind: 'speak',
    turnId: 'turn_1',
    triggerId: idOf(1),
    inputDigest: 'input',
    startedAt: NOW,
    ...changes,
  };
}

describe('records of calls', () => {
  test('survive a restart, and are forgotten after a day', async () => {
    await using opened = await openStore();
    await opened.store.endToolCall(callOf('one'), SAID);
    await opened.reopen();
    expect(await opened.store.findToolCall('one')).toEqual({ ...callOf('one'), outcome: SAID });
    opened.clock.now += DAY_MS + 1;
    await opened.store.endToolCall(callOf('two', { startedAt: opened.clock.now }), SAID);
    expect(await opened.store.findToolCall('one')).toBeUndefined();
    expect((await opened.store.listToolCalls(10)).map(({ callKey }) => callKey)).toEqual(['two']);
  });

  test('of a call that began and did not end have no outcome', async () => {
    await using opened = await openStore();
    await opened.store.beginToolCall(callOf('one'));
    expect(await opened.store.findToolCall('one')).toEqual({ ...callOf('one'), outcome: undefined });
    await opened.store.endToolCall(callOf('one'), SAID);
    await opened.store.beginToolCall(callOf('one'));
    expect((await opened.store.findToolCall('one'))?.outcome).toEqual(SAID);
  });

  test('of earlier attempts are what succeeded in answering the same messages, and nothing else', async () => {
    await using opened = await openStore();
    const { store } = opened;
    await store.endToolCall(callOf('said'), SAID);
    await store.endToolCall(callOf('failed'), { ...SAID, isError: true, speechDigest: undefined });
    await store.endToolCall(callOf('now', { turnId: 'turn_2' }), SAID);
    await store.endToolCall(callOf('other', { triggerId: idOf(2) }), SAID);
    await store.endToolCall(callOf('background', { turnId: undefined, triggerId: undefined }), SAID);
    const earlier = await store.listEarlierSends({ messageIds: [idOf(1), idOf(3)], exceptTurnId: 'turn_2' });
    expect(earlier.map(({ callKey }) => callKey)).toEqual(['said']);
  });
});

test('14.11 a call whose record was lost is run again, and says nothing twice', async () => {
  await using world = await startToolWorld();
  let isFull = true;
  const store = {
    ...world.store,
    endToolCall: (...args: Parameters<typeof world.store.endToolCall>) =>
      isFull ? Promise.reject(new Error('the disk is full')) : world.store.endToolCall(...args),
  };
  const call = {
    callId: 'toolu_lost',
    name: 'send_message',
    input: { channel: world.channel.channelId, text: 'once' },
  };
  const { signal } = new AbortController();
  const lost = await createToolHost({ ...world.parts, store }).callTool(call, signal);
  isFull = false;
  const again = await createToolHost({ ...world.parts, store }).callTool(call, signal);
  expect([lost.isError, idIn(again.text)]).toEqual([false, idIn(lost.text)]);
  await waitFor(
    () => world.alice.inbox.messages.some(({ envelopeId }) => envelopeId === idIn(again.text)),
    'the message',
  );
  await world.use('send_message', { channel: world.channel.channelId, text: 'after it' });
  await waitFor(() => world.alice.inbox.texts.includes('after it'), 'the later message');
  expect(world.alice.inbox.texts.filter((text) => text === 'once')).toHaveLength(1);
});
