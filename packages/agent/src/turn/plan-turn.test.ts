import type { ChannelId, EnvelopeId, Slug, SpaceId } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import type { Conversation } from '../inbox/inbox-message.ts';
import { nextMoment, planTurn, type WaitingMessage } from './plan-turn.ts';

const CHANNEL: Conversation = { kind: 'channel', spaceId: 'sp_1' as SpaceId, channelId: 'ch_1' as ChannelId };
const DM: Conversation = { kind: 'dm', peerSlug: 'bob-1b1b' as Slug };
const LIMITS = { now: 1000, maxBytes: 3000, maxMessages: 3 };

function waiting(seq: number, change: Partial<WaitingMessage> = {}): WaitingMessage {
  return {
    envelopeId: `msg_${seq}` as EnvelopeId,
    seq,
    conversation: CHANNEL,
    threadRootId: null,
    senderSlug: 'alice-3d3d' as Slug,
    senderType: 'human',
    isFromOperator: false,
    text: 'x'.repeat(10),
    sentAt: 0,
    band: 3,
    attempts: 0,
    notBefore: 0,
    ...change,
  };
}

function plan(...messages: readonly WaitingMessage[]): readonly number[] {
  return planTurn(messages, LIMITS)?.messages.map(({ seq }) => seq) ?? [];
}

const root = 'msg_root' as EnvelopeId;

describe('the next turn', () => {
  it.each<[string, readonly WaitingMessage[], readonly number[]]>([
    ['is nothing when nothing waits', [], []],
    [
      'is the whole thread of the oldest, in order',
      [waiting(3), waiting(1), waiting(2, { threadRootId: root })],
      [1, 3],
    ],
    ['begins with the most urgent', [waiting(1), waiting(2, { band: 1, conversation: DM }), waiting(3)], [2]],
    ['takes the older of two equals', [waiting(5, { band: 2 }), waiting(4, { band: 2, conversation: DM })], [4]],
    ['leaves what has to wait', [waiting(1, { notBefore: 1001 }), waiting(2)], [2]],
    ['holds a message that failed alone', [waiting(1, { attempts: 1 }), waiting(2)], [1]],
    ['does not take along one that failed', [waiting(1), waiting(2, { attempts: 1 }), waiting(3)], [1, 3]],
    ['has so many messages at most', [1, 2, 3, 4].map((seq) => waiting(seq)), [1, 2, 3]],
    ['has so many bytes at most', [waiting(1), waiting(2, { text: 'x'.repeat(991) }), waiting(3)], [1]],
    ['has one that is larger alone', [waiting(1, { text: 'x'.repeat(5000) }), waiting(2)], [1]],
    [
      'has the urgent one whatever is older in its thread',
      [waiting(1, { text: 'x'.repeat(990) }), waiting(2, { band: 1, text: 'x'.repeat(500) })],
      [2],
    ],
  ])('%s', (_what, messages, expected) => {
    expect(plan(...messages)).toEqual(expected);
  });

  it('may be due later', () => {
    expect(nextMoment([waiting(1, { notBefore: 5000 }), waiting(2, { notBefore: 4000 })])).toBe(4000);
    expect(nextMoment([])).toBeUndefined();
  });
});
