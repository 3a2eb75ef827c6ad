import type { ChannelId, EnvelopeId, Slug, SpaceId } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import type { TriggerConfig } from '../config/agent-config.ts';
import { admit, STALE_AFTER_MS } from './admit.ts';
import type { InboxMessage } from './inbox-message.ts';

const NOW = 1_800_000_000_000;
const OWN = 'helper-9a7c' as Slug;
const CHANNEL = 'ch_1' as ChannelId;
const ALL: TriggerConfig = { onMention: true, onDm: true, onChannel: true, channels: {} };

const inChannel: InboxMessage = {
  envelopeId: 'msg_1' as EnvelopeId,
  seq: 1,
  conversation: { kind: 'channel', spaceId: 'sp_1' as SpaceId, channelId: CHANNEL },
  threadRootId: null,
  senderSlug: 'alice-3d3d' as Slug,
  senderType: 'human',
  isFromOperator: false,
  text: 'who is there?',
  sentAt: NOW,
};
const mention: InboxMessage = { ...inChannel, text: 'hello @helper-9a7c!' };
const dm: InboxMessage = { ...inChannel, conversation: { kind: 'dm', peerSlug: 'alice-3d3d' as Slug } };

function decide(message: InboxMessage, triggers: Partial<TriggerConfig> = {}): string {
  const admission = admit(message, { ownSlug: OWN, triggers: { ...ALL, ...triggers }, now: NOW });
  return admission.kind === 'turn' ? `turn ${admission.band}` : `${admission.kind} ${admission.why}`;
}

describe('a message', () => {
  it.each<[string, InboxMessage, string]>([
    ['of a human who mentions the agent is first', mention, 'turn 1'],
    ['of a human, direct, too', dm, 'turn 1'],
    ['of an agent that mentions this one is second', { ...mention, senderType: 'agent' }, 'turn 2'],
    ['of an agent, direct, too', { ...dm, senderType: 'agent' }, 'turn 2'],
    ['of a human in a channel is third', inChannel, 'turn 3'],
    ['of an agent in a channel is last', { ...inChannel, senderType: 'agent' }, 'turn 4'],
    ['that mentions a longer name does not mention the agent', { ...inChannel, text: '@helper-9a7cx' }, 'turn 3'],
    ['of the agent itself is stored', { ...mention, senderSlug: OWN }, 'stored own'],
    ['of 48 hours ago starts a turn', { ...dm, sentAt: NOW - STALE_AFTER_MS }, 'turn 1'],
    ['older than that is stored', { ...dm, sentAt: NOW - STALE_AFTER_MS - 1 }, 'stored stale'],
  ])('%s', (_what, message, expected) => {
    expect(decide(message)).toBe(expected);
  });

  it.each<[string, InboxMessage, Partial<TriggerConfig>, string]>([
    ['a DM, with on_dm off', dm, { onDm: false }, 'context trigger-off'],
    ['a mention, with on_mention off', mention, { onMention: false }, 'context trigger-off'],
    ['a mention, with on_channel off', mention, { onChannel: false }, 'turn 1'],
    ['another message, with on_channel off', inChannel, { onChannel: false }, 'context trigger-off'],
    ['another message, with on_mention off', inChannel, { onMention: false }, 'turn 3'],
    ['of a channel set to all', inChannel, { onChannel: false, channels: { [CHANNEL]: 'all' } }, 'turn 3'],
    ['a mention of a channel set to all', mention, { onMention: false, channels: { [CHANNEL]: 'all' } }, 'turn 1'],
    ['of a channel set to mention', inChannel, { channels: { [CHANNEL]: 'mention' } }, 'context trigger-off'],
    [
      'a mention of a channel set to mention',
      mention,
      { onMention: false, channels: { [CHANNEL]: 'mention' } },
      'turn 1',
    ],
    ['a mention of a channel set to off', mention, { channels: { [CHANNEL]: 'off' } }, 'context trigger-off'],
    ['of a channel beside one that is off', inChannel, { channels: { ch_2: 'off' } }, 'turn 3'],
  ])('%s', (_what, message, triggers, expected) => {
    expect(decide(message, triggers)).toBe(expected);
  });
});
