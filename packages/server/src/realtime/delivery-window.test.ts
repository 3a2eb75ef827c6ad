import { seededRandom } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  beginRead,
  createDeliveryWindow,
  type DeliveryWindow,
  endJoining,
  endRead,
  endWaiting,
  failRead,
  offer,
  skipFetched,
  suspect,
  WINDOW_MESSAGES,
} from './delivery-window.ts';

const id = (seq: number) => `msg_${seq}` as EnvelopeId;
const announced = (seq: number, canSend = true) => ({ envelopeId: id(seq), seq, canSend });
const rowsOf = (...seqs: readonly number[]) => seqs.map((seq) => ({ envelopeId: id(seq), seq }));

function caughtUp(): DeliveryWindow {
  const window = createDeliveryWindow();
  endJoining(window, { hasPending: false });
  return window;
}

describe('a new session', () => {
  it('sends nothing before it has joined, and reads then what was announced', () => {
    const window = createDeliveryWindow();
    expect(offer(window, announced(4))).toBe(false);
    endJoining(window, { hasPending: false });
    expect(beginRead(window)).toEqual({ after: 0, except: [], limit: WINDOW_MESSAGES });
  });

  it('is caught up when nothing is pending', () => {
    const window = caughtUp();
    expect(beginRead(window)).toBeUndefined();
    expect(offer(window, announced(4))).toBe(true);
  });

  it('leaves what is pending to HTTP, goes on after it, and repeats nothing', () => {
    const window = createDeliveryWindow();
    endJoining(window, { hasPending: true });
    expect(offer(window, announced(8))).toBe(false);
    expect(beginRead(window)).toBeUndefined();
    skipFetched(window, 7);
    expect(beginRead(window)).toEqual({ after: 7, except: [], limit: WINDOW_MESSAGES });
    endRead(window, { rows: rowsOf(8), limit: WINDOW_MESSAGES });
    expect(window).toMatchObject({ phase: 'caught-up', cursor: 8, unacked: rowsOf(8) });
  });

  it('counts as caught up only when the table was read to its end: fetching may have begun before it was there', () => {
    const window = createDeliveryWindow();
    endJoining(window, { hasPending: true });
    skipFetched(window, 7);
    expect(window.hasCaughtUp).toBe(false);
    expect(beginRead(window)?.after).toBe(7);
    endRead(window, { rows: rowsOf(8, 9), limit: 2 });
    expect(window.hasCaughtUp).toBe(false);
    acknowledge(window, new Set([id(8), id(9)]));
    beginRead(window);
    endRead(window, { rows: [], limit: 10 });
    expect(window.hasCaughtUp).toBe(true);
    suspect(window);
    expect(window.hasCaughtUp).toBe(false);
  });

  it('reads everything when the client does not fetch', () => {
    const window = createDeliveryWindow();
    endJoining(window, { hasPending: true });
    endWaiting(window);
    expect(beginRead(window)?.after).toBe(0);
  });
});

describe('a session that is caught up', () => {
  it('sends ten, and the next when there is room', () => {
    const window = caughtUp();
    const sent = Array.from({ length: 15 }, (_, index) => offer(window, announced(index + 1)));
    expect(sent.filter(Boolean)).toHaveLength(WINDOW_MESSAGES);
    expect(beginRead(window)).toBeUndefined();
    acknowledge(window, new Set([id(1), id(2)]));
    expect(beginRead(window)).toMatchObject({ after: 10, limit: 2 });
    endRead(window, { rows: rowsOf(11, 12), limit: 2 });
    expect(window.phase).toBe('behind');
  });

  it('does not send the same again', () => {
    const window = caughtUp();
    expect(offer(window, announced(1))).toBe(true);
    expect(offer(window, announced(1))).toBe(false);
    expect(beginRead(window)).toBeUndefined();
  });

  it('looks for a message that got this device later, below what was sent', () => {
    const window = caughtUp();
    offer(window, announced(9));
    expect(offer(window, announced(5))).toBe(false);
    expect(beginRead(window)).toMatchObject({ after: 4, except: [id(9)] });
    endRead(window, { rows: rowsOf(5), limit: 9 });
    expect(window).toMatchObject({ phase: 'caught-up', cursor: 9 });
  });

  it('reads instead of sending when something may lie before, or the socket is full', () => {
    const window = caughtUp();
    expect(offer(window, announced(3, false))).toBe(false);
    expect(beginRead(window)?.after).toBe(0);
  });

  it('reads again when announcements may be lost', () => {
    const window = caughtUp();
    offer(window, announced(3));
    suspect(window);
    expect(beginRead(window)).toMatchObject({ after: 3, except: [id(3)] });
  });
});

describe('a read', () => {
  it('is followed by another when something was announced meanwhile', () => {
    const window = caughtUp();
    suspect(window);
    expect(beginRead(window)).toBeDefined();
    expect(offer(window, announced(6))).toBe(false);
    endRead(window, { rows: [], limit: WINDOW_MESSAGES });
    expect(beginRead(window)).toMatchObject({ after: 0 });
  });

  it('is not started twice', () => {
    const window = caughtUp();
    suspect(window);
    beginRead(window);
    expect(beginRead(window)).toBeUndefined();
  });

  it('is repeated in full when it failed', () => {
    const window = caughtUp();
    offer(window, announced(9));
    offer(window, announced(4));
    const request = beginRead(window);
    failRead(window, request ?? { after: -1 });
    expect(beginRead(window)).toEqual(request);
  });

  it('below the cursor goes on where a full one ended', () => {
    const window = caughtUp();
    offer(window, announced(50));
    acknowledge(window, new Set([id(50)]));
    offer(window, announced(3));
    const rows = rowsOf(3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    expect(beginRead(window)?.after).toBe(2);
    endRead(window, { rows, limit: rows.length });
    acknowledge(window, new Set(rows.map(({ envelopeId }) => envelopeId)));
    expect(beginRead(window)?.after).toBe(12);
    endRead(window, { rows: [], limit: 10 });
    expect(window.cursor).toBe(50);
  });
});

/** A table and a client beside the window, and every order of steps that a random walk finds. */
describe('whatever happens in which order', () => {
  it.each(Array.from({ length: 50 }, (_, seed) => [seed + 1]))('sends everything once, in order (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const draw = (count: number) => (random.bytes(1)[0] ?? 0) % count;
    const window = createDeliveryWindow();
    const pending = new Set<number>();
    const unannounced: number[] = [];
    const sent: number[] = [];
    let reading: { found: number[]; limit: number } | undefined;
    let last = 0;

    const read = () => {
      const request = beginRead(window);
      if (request === undefined) return;
      const { after, except, limit } = request;
      const found = [...pending].filter((seq) => seq > after && !except.includes(id(seq))).slice(0, limit);
      reading = { found, limit };
    };
    const finishRead = () => {
      if (reading === undefined) return;
      endRead(window, { rows: rowsOf(...reading.found), limit: reading.limit });
      sent.push(...reading.found);
      reading = undefined;
    };
    const announce = () => {
      const seq = unannounced.shift();
      if (seq === undefined) return;
      if (offer(window, announced(seq, draw(8) > 0))) sent.push(seq);
    };
    const ackSome = () => {
      const ids = window.unacked.slice(0, 1 + draw(4)).map((sent) => sent.envelopeId);
      for (const envelopeId of ids) pending.delete(Number(envelopeId.slice(4)));
      acknowledge(window, new Set(ids));
    };
    const commit = () => {
      last += 1;
      pending.add(last);
      unannounced.push(last);
    };
    const steps = [commit, commit, announce, announce, read, finishRead, ackSome];
    commit();
    endJoining(window, { hasPending: false });
    for (let step = 0; step < 400; step++) {
      steps[draw(steps.length)]?.();
      expect(window.unacked.length).toBeLessThanOrEqual(WINDOW_MESSAGES);
    }
    for (let step = 0; pending.size > 0 && step < 2000; step++) for (const run of steps.slice(2)) run();

    expect(sent).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  });
});
