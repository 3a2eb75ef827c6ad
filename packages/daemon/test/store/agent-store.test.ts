import { stat } from 'node:fs/promises';
import { planTurn } from '@puffo/agent';
import type { EnvelopeId, Slug } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { ALICE, arrivalOf, beginTurnOf, CONTEXT, idOf, LIMITS, NOW, openStore, replyOf, statesOf } from './kit.ts';

const ANSWERED = (seq: number) => ({ envelopeId: idOf(seq), state: 'answered' }) as const;

describe('what arrives', () => {
  test('is kept as it was, and there after a restart', async () => {
    await using test = await openStore();
    const dm = { kind: 'dm', peerSlug: ALICE } as const;
    await test.store.record([arrivalOf(1, { conversation: dm, isFromOperator: true, threadRootId: idOf(7) })]);
    const [entry] = await (await test.reopen()).listWaiting();
    expect(entry).toEqual({
      ...arrivalOf(1).message,
      conversation: dm,
      isFromOperator: true,
      threadRootId: idOf(7),
      attachments: [{ name: 'file 1' }],
      receivedAt: NOW,
      band: 1,
      state: 'waiting',
      attempts: 0,
      notBefore: 0,
      failure: undefined,
      turnId: undefined,
    });
  });

  test('statement 80: is taken once, however often it comes', async () => {
    await using test = await openStore();
    expect(await test.store.record([arrivalOf(1), arrivalOf(2)])).toEqual([idOf(1), idOf(2)]);
    expect(await test.store.record([arrivalOf(2), arrivalOf(3)])).toEqual([idOf(3)]);
    expect(await test.store.listWaiting()).toHaveLength(3);
  });

  test('with the replay key of another message is acknowledged, and never answered', async () => {
    await using test = await openStore();
    await test.store.record([arrivalOf(1, { replayKey: 'same' })]);
    expect(await test.store.mailbox.hasReplayKey('same')).toBe(true);
    expect(await test.store.mailbox.hasReplayKey('other')).toBe(false);
    expect(await test.store.record([arrivalOf(2, { replayKey: 'same' })])).toEqual([]);
    expect(await test.store.mailbox.findKnown([idOf(1), idOf(2), idOf(3)])).toEqual(new Set([idOf(1), idOf(2)]));
    expect(await test.store.listWaiting()).toHaveLength(1);
  });

  test('and cannot be opened is known to the mailbox', async () => {
    await using test = await openStore();
    const unreadable = { envelopeId: idOf(1), senderSlug: undefined, reason: 'unknown-subkey', envelope: { a: 1 } };
    await test.store.recordUnreadable([unreadable, unreadable]);
    expect(await test.store.mailbox.findKnown([idOf(1)])).toEqual(new Set([idOf(1)]));
    expect(await test.store.find(idOf(1))).toBeUndefined();
  });

  test.each([
    ['a turn', arrivalOf(1), 'waiting'],
    ['context', arrivalOf(1, { admission: CONTEXT }), 'context'],
    ['history only', arrivalOf(1, { admission: { kind: 'stored', why: 'stale' } }), 'stored'],
  ])('is in the state that follows from its admission: %s', async (_, arrival, state) => {
    await using test = await openStore();
    await test.store.record([arrival]);
    expect(await statesOf(test.store, [1])).toEqual([state]);
    expect((await test.store.readStatus(NOW)).counts).toMatchObject({ [state]: 1 });
  });

  test.runIf(process.platform !== 'win32')('is in files for this user only', async () => {
    await using test = await openStore();
    const modes = await Promise.all(
      ['', '-wal', '-shm'].map(async (end) => (await stat(test.path + end)).mode & 0o777),
    );
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });
});

describe('a turn', () => {
  test('is made of what waits, and two plans for the same message make one turn', async () => {
    await using test = await openStore();
    await test.store.record([arrivalOf(1), arrivalOf(2)]);
    const plan = planTurn(await test.store.listWaiting(), { now: NOW, maxBytes: 1000, maxMessages: 10 });
    const ids = plan?.messages.map(({ envelopeId }) => envelopeId) ?? [];
    const turns = await Promise.all([test.store.beginTurn(ids), test.store.beginTurn(ids)]);
    expect(turns.map((turn) => turn?.messages.length)).toEqual([2, undefined]);
    expect(await statesOf(test.store, [1, 2])).toEqual(['in-turn', 'in-turn']);
    expect(await test.store.listWaiting()).toEqual([]);
  });

  test('does not begin with messages of two conversations, or with none', async () => {
    await using test = await openStore();
    const other = arrivalOf(2, { conversation: { kind: 'dm', peerSlug: ALICE } });
    await test.store.record([arrivalOf(1), other]);
    await expect(test.store.beginTurn([idOf(1), idOf(2)])).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(test.store.beginTurn([])).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await statesOf(test.store, [1, 2])).toEqual(['waiting', 'waiting']);
  });

  test('is settled with its replies and its cost at once, and only once', async () => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1, 2]);
    const settlement = {
      state: 'done',
      outcomes: [ANSWERED(1), { envelopeId: idOf(2), state: 'silent' }],
      replies: [replyOf('hello'), replyOf('again')],
      session: { engine: 'scripted', session: { log: ['session 1'] } },
      tokensIn: 70,
      tokensOut: 7,
    } as const;
    expect(await test.store.settleTurn(turnId, settlement)).toBe(true);
    expect(await test.store.settleTurn(turnId, settlement)).toBe(false);
    expect(await test.store.releaseTurn(turnId, { attempts: 1, notBefore: 0, failure: 'network' })).toBe('over');
    expect(await statesOf(test.store, [1, 2])).toEqual(['answered', 'silent']);
    const replies = await test.store.listPendingReplies();
    expect(replies.map(({ idempotencyKey, content }) => [idempotencyKey, content])).toEqual([
      [`reply:${turnId}`, 'hello'],
      [`reply:${turnId}:2`, 'again'],
    ]);
    expect(replies[0]).toMatchObject({ ...replyOf('hello'), turnId, createdAt: NOW });
    expect((await test.store.readStatus(NOW)).tokens).toEqual({ input: 70, output: 7 });
    expect((await test.store.readStatus(NOW + 1)).tokens).toEqual({ input: 0, output: 0 });
  });

  test.each([
    ['leaves one out', [ANSWERED(1)]],
    ['names one twice', [ANSWERED(1), ANSWERED(1)]],
    ['names a foreign one', [ANSWERED(1), ANSWERED(3)]],
  ])('is not settled by outcomes whose list %s', async (_, outcomes) => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1, 2]);
    await test.store.record([arrivalOf(3)]);
    const settling = test.store.settleTurn(turnId, { state: 'done', outcomes, replies: [replyOf('x')] });
    await expect(settling).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await statesOf(test.store, [1, 2, 3])).toEqual(['in-turn', 'in-turn', 'waiting']);
    expect(await test.store.listPendingReplies()).toEqual([]);
  });

  test('that is released lets its messages wait, and others go first meanwhile', async () => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1]);
    await test.store.record([arrivalOf(2, { admission: { kind: 'turn', band: 4 } })]);
    const release = { attempts: 1, notBefore: NOW + 5000, failure: 'overloaded', tokensIn: 3 };
    expect(await test.store.releaseTurn(turnId, release)).toBe('waiting');
    const waiting = await test.store.listWaiting();
    expect(waiting.map(({ seq, attempts, notBefore }) => [seq, attempts, notBefore])).toEqual([
      [2, 0, 0],
      [1, 1, NOW + 5000],
    ]);
    expect(await test.store.readStatus(NOW)).toMatchObject({
      lastError: { failure: 'overloaded', at: NOW },
      tokens: { input: 3 },
    });
    test.clock.now = NOW + 5000;
    expect((await test.store.listWaiting()).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('that has said something is not repeated when it fails afterwards', async () => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1]);
    const key = await test.store.queueReply(turnId, { callId: 'call_1', content: replyOf('working on it') });
    expect(await test.store.queueReply(turnId, { callId: 'call_1', content: replyOf('working on it') })).toBe(key);
    expect(await test.store.listPendingReplies()).toHaveLength(1);
    expect(await test.store.releaseTurn(turnId, { attempts: 1, notBefore: 0, failure: 'crashed' })).toBe('answered');
    expect(await statesOf(test.store, [1])).toEqual(['answered']);
    const late = test.store.queueReply(turnId, { callId: 'call_2', content: replyOf('late') });
    await expect(late).rejects.toMatchObject({ code: 'failed' });
  });

  test('that nobody knows is refused', async () => {
    await using test = await openStore();
    const settling = test.store.settleTurn('turn_none', { state: 'done', outcomes: [] });
    await expect(settling).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each([
    ['deferred', (store: Awaited<ReturnType<typeof openStore>>['store']) => store.resumeDeferred()],
    ['failed', (store: Awaited<ReturnType<typeof openStore>>['store']) => store.retryFailed([idOf(1)])],
  ] as const)('may leave messages %s, which can be taken up again', async (state, takeUp) => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1]);
    const outcomes = [{ envelopeId: idOf(1), state, failure: 'auth' }];
    await test.store.settleTurn(turnId, { state: 'failed', outcomes });
    expect(await test.store.readStatus(NOW)).toMatchObject({
      counts: { [state]: 1, waiting: 0 },
      lastError: { failure: 'auth' },
    });
    expect(await takeUp(test.store)).toBe(1);
    expect(await takeUp(test.store)).toBe(0);
    expect(await statesOf(test.store, [1])).toEqual(['waiting']);
  });
});

describe('a reply', () => {
  test('is handed over until the outbox has it', async () => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1]);
    await test.store.settleTurn(turnId, { state: 'done', outcomes: [ANSWERED(1)], replies: [replyOf('hello')] });
    const store = await test.reopen();
    const [reply] = await store.listPendingReplies();
    const result = { kind: 'sent', envelopeId: 'msg_out' as EnvelopeId } as const;
    expect(await store.settleReply(reply!.idempotencyKey, result)).toBe(true);
    expect(await store.settleReply(reply!.idempotencyKey, result)).toBe(false);
    expect(await store.listPendingReplies()).toEqual([]);
    expect(await statesOf(store, [1])).toEqual(['answered']);
  });

  test('that cannot be sent for good makes its messages fail, unless another part was sent', async () => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1]);
    const replies = [replyOf('hello'), replyOf('again')];
    await test.store.settleTurn(turnId, { state: 'done', outcomes: [ANSWERED(1)], replies });
    await test.store.settleReply(`reply:${turnId}`, { kind: 'failed', failure: 'not-a-member' });
    expect(await statesOf(test.store, [1])).toEqual(['answered']);
    await test.store.settleReply(`reply:${turnId}:2`, { kind: 'failed', failure: 'not-a-member' });
    expect(await test.store.find(idOf(1))).toMatchObject({ state: 'failed', failure: 'not-a-member' });
  });
});

describe('context', () => {
  async function openWithContext() {
    const test = await openStore();
    await test.store.record([1, 2, 3].map((seq) => arrivalOf(seq, { admission: CONTEXT })));
    await test.store.record([
      arrivalOf(4, { admission: CONTEXT, conversation: { kind: 'dm', peerSlug: 'bob-1111' as Slug } }),
    ]);
    return test;
  }

  test('of the conversation is shown with its next turn, once', async () => {
    await using test = await openWithContext();
    const first = await beginTurnOf(test.store, [5]);
    const taken = await test.store.takeContext(first.turnId, LIMITS);
    expect(taken.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await test.store.takeContext(first.turnId, LIMITS)).toEqual({ ...taken, messages: expect.any(Array) });
    await test.store.settleTurn(first.turnId, { state: 'done', outcomes: [ANSWERED(5)] });
    const second = await beginTurnOf(test.store, [6]);
    expect((await test.store.takeContext(second.turnId, LIMITS)).messages).toEqual([]);
    expect(await statesOf(test.store, [1, 4])).toEqual(['context', 'context']);
  });

  test('of a turn that failed is shown with the next one', async () => {
    await using test = await openWithContext();
    const first = await beginTurnOf(test.store, [5]);
    await test.store.takeContext(first.turnId, LIMITS);
    await test.store.releaseTurn(first.turnId, { attempts: 1, notBefore: 0, failure: 'network' });
    const second = await test.store.beginTurn([idOf(5)]);
    const taken = await test.store.takeContext(second?.turnId ?? '', LIMITS);
    expect(taken.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  test.each([
    ['messages', { maxMessages: 2, maxBytes: 1000 }],
    ['bytes', { maxMessages: 10, maxBytes: 'text 2text 3'.length }],
  ])('is bounded in %s: the newest ones are shown', async (_, limits) => {
    await using test = await openWithContext();
    const { turnId } = await beginTurnOf(test.store, [5]);
    const taken = await test.store.takeContext(turnId, limits);
    expect(taken.messages.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(taken.omitted).toBe(1);
    expect(await statesOf(test.store, [1, 2, 3])).toEqual(['stored', 'context', 'context']);
  });
});

describe('what is over', () => {
  test('loses its text when it is old, and is known all the same', async () => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1, 2]);
    const outcomes = [ANSWERED(1), { envelopeId: idOf(2), state: 'failed' as const, failure: 'refused' }];
    await test.store.settleTurn(turnId, { state: 'done', outcomes, replies: [replyOf('hello')] });
    await test.store.record([arrivalOf(3), arrivalOf(4, { admission: CONTEXT })]);
    test.clock.now = NOW + 10;
    const later = await beginTurnOf(test.store, [5]);
    await test.store.settleTurn(later.turnId, { state: 'done', outcomes: [ANSWERED(5)] });
    expect(await test.store.forgetOld(NOW + 10)).toBe(2);
    expect(await test.store.forgetOld(NOW + 10)).toBe(0);
    const texts = await Promise.all([1, 2, 3, 4, 5].map(async (seq) => (await test.store.find(idOf(seq)))?.text));
    expect(texts).toEqual(['', '', 'text 3', 'text 4', 'text 5']);
    expect(await test.store.record([arrivalOf(1)])).toEqual([]);
    expect(await test.store.mailbox.hasReplayKey('replay 1')).toBe(true);
    expect(await test.store.retryFailed([idOf(2)])).toBe(0);
    expect(await test.store.listPendingReplies()).toHaveLength(1);
  });
});

describe('after a crash', () => {
  test('what was in a turn waits again, until it was in too many', async () => {
    await using test = await openStore();
    await beginTurnOf(test.store, [1]);
    await test.store.record([arrivalOf(2)]);
    let store = await test.reopen();
    expect(await store.recover({ maxAttempts: 2, noticeOf: () => undefined })).toEqual({
      settled: 0,
      waiting: 1,
      failed: 0,
    });
    expect(await store.find(idOf(1))).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(await store.recover({ maxAttempts: 2, noticeOf: () => undefined })).toEqual({
      settled: 0,
      waiting: 0,
      failed: 0,
    });
    await store.beginTurn([idOf(1)]);
    store = await test.reopen();
    expect(await store.recover({ maxAttempts: 2, noticeOf: () => undefined })).toEqual({
      settled: 0,
      waiting: 0,
      failed: 1,
    });
    expect(await store.find(idOf(1))).toMatchObject({ state: 'failed', attempts: 2, failure: 'crashed' });
    expect(await statesOf(store, [2])).toEqual(['waiting']);
  });

  test('statement 80: a turn that had said something is over, and is not answered again', async () => {
    await using test = await openStore();
    const { turnId } = await beginTurnOf(test.store, [1]);
    await test.store.queueReply(turnId, { callId: 'call_1', content: replyOf('hello') });
    const store = await test.reopen();
    expect(await store.recover({ maxAttempts: 2, noticeOf: () => undefined })).toEqual({
      settled: 1,
      waiting: 0,
      failed: 0,
    });
    expect(await statesOf(store, [1])).toEqual(['answered']);
    expect(await store.listWaiting()).toEqual([]);
    expect(await store.listPendingReplies()).toHaveLength(1);
  });
});
