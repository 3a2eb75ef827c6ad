import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import type { CommittedMessage } from './hub.ts';
import { createRecentMessages, type RecentMessages } from './recent-messages.ts';

const ALICE = 'dev_alice' as DeviceId;
const BOB = 'dev_bob' as DeviceId;

function message(seq: number, to: readonly DeviceId[] = [ALICE], size = 10): CommittedMessage {
  const deliveries = to.map((deviceId) => ({ deviceId, entry: `entry of ${deviceId}` }));
  return { envelopeId: `msg_${seq}` as EnvelopeId, seq, envelope: 'x'.repeat(size), deliveries };
}

function seqsFor(recent: RecentMessages, deviceId: DeviceId, after: number, limit = 10) {
  return recent.find(deviceId, { after, except: [], limit })?.map(({ message: { seq } }) => seq);
}

describe('recent messages', () => {
  it('are found by device, in order, after a number, and no more than asked for', () => {
    const recent = createRecentMessages(5);
    for (const each of [message(5), message(6, [BOB]), message(8, [ALICE, BOB]), message(9)]) recent.add(each);
    expect(seqsFor(recent, ALICE, 4)).toEqual([5, 8, 9]);
    expect(seqsFor(recent, BOB, 4)).toEqual([6, 8]);
    expect(seqsFor(recent, ALICE, 5)).toEqual([8, 9]);
    expect(seqsFor(recent, ALICE, 4, 2)).toEqual([5, 8]);
    expect(recent.find(BOB, { after: 7, except: [], limit: 1 })?.[0]?.entry).toBe('entry of dev_bob');
    expect(recent.find(ALICE, { after: 4, except: ['msg_8' as EnvelopeId], limit: 2 })).toHaveLength(2);
  });

  it('say so when they do not reach back far enough', () => {
    const recent = createRecentMessages(5);
    recent.add(message(7));
    expect(seqsFor(recent, ALICE, 3)).toBeUndefined();
    expect(seqsFor(recent, ALICE, 4)).toEqual([7]);
  });

  it('begin anew after a gap, and take nothing from before it', () => {
    const recent = createRecentMessages(1);
    recent.add(message(1));
    recent.restart(4);
    recent.add(message(2));
    recent.add(message(4));
    expect(seqsFor(recent, ALICE, 2)).toBeUndefined();
    expect(seqsFor(recent, ALICE, 3)).toEqual([4]);
  });

  it('take a repetition once', () => {
    const recent = createRecentMessages(1);
    for (const seq of [1, 2, 2, 1]) recent.add(message(seq));
    expect(seqsFor(recent, ALICE, 0)).toEqual([1, 2]);
  });

  it.each([
    ['count', 10, 1000],
    ['size', 3_000_000, 5],
  ])('are bounded by %s: the oldest go', (_what, size, count) => {
    const recent = createRecentMessages(1);
    for (let seq = 1; seq <= count; seq++) recent.add(message(seq, [ALICE], size));
    expect(seqsFor(recent, ALICE, 0)).toBeUndefined();
    expect(seqsFor(recent, ALICE, count - 2)).toEqual([count - 1, count]);
  });
});
