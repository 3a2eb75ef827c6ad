import { describe, expect, test } from 'vitest';
import { createEnvelopeId, type EnvelopeId } from '@puffo/protocol';
import { seededRandom } from '@puffo/base';
import type { ClientDatabase, ListQuestion, StoredMessage } from '@puffo/client/sqlite';
import { ALICE, BOB, GENERAL, messageOf, NOW, openRecord, OTHER, outgoing, OWN, unreadableOf } from './kit.ts';

const UNKNOWN_ID = createEnvelopeId(seededRandom(99));

function idsOf(messages: readonly StoredMessage[]): readonly EnvelopeId[] {
  return messages.map(({ envelopeId }) => envelopeId);
}

async function list(database: ClientDatabase, question: Partial<ListQuestion> = {}): Promise<readonly EnvelopeId[]> {
  return idsOf(await database.messages.list({ conversation: GENERAL, limit: 100, ...question }));
}

describe('the record of messages', () => {
  test('holds everything that was said, also when it is opened again', async () => {
    await using record = await openRecord();
    const content = { text: 'grüß \u{1f600}', list: [1, null, { deep: true }] };
    const root = createEnvelopeId(seededRandom(1));
    const inbound = messageOf({ seq: 7, content, sentAt: NOW - 5, threadRootId: root });
    expect(await record.database.messages.record(inbound)).toEqual([inbound.envelopeId]);
    const expected: StoredMessage = {
      envelopeId: inbound.envelopeId,
      seq: 7,
      conversation: GENERAL,
      senderSlug: ALICE,
      isOwn: false,
      sentAt: NOW - 5,
      receivedAt: NOW,
      threadRootId: root,
      replyToId: root,
      contentType: 'text/plain',
      content,
      isVisibleToHuman: true,
    };
    expect(await record.database.messages.find(inbound.envelopeId)).toEqual(expected);
    const again = await record.reopen();
    expect(await again.messages.find(inbound.envelopeId)).toEqual(expected);
    expect(await again.messages.find(UNKNOWN_ID)).toBeUndefined();
  });

  test.each(['123', 'true', '', 123, null, ['a']])('gives back %j as it was, text as text', async (content) => {
    await using record = await openRecord();
    const inbound = messageOf({ content });
    await record.database.messages.record(inbound);
    expect((await record.database.messages.find(inbound.envelopeId))?.content).toEqual(content);
  });

  test('takes many at once, and says which were new', async () => {
    await using record = await openRecord();
    const { messages } = record.database;
    const [first, second, third] = [messageOf({ seq: 1 }), messageOf({ seq: 2 }), messageOf({ seq: 3 })];
    await messages.record(second);
    expect(await messages.record([first, second, unreadableOf(), third])).toEqual([first.envelopeId, third.envelopeId]);
    expect(await messages.record([])).toEqual([]);
    expect(await list(record.database)).toEqual([first, second, third].map(({ envelopeId }) => envelopeId));
  });

  test('keeps the first of two messages with one id', async () => {
    await using record = await openRecord();
    const first = messageOf({ content: 'first' });
    await record.database.messages.record(first);
    const second = messageOf({ content: 'second', envelopeId: first.envelopeId });
    expect(await record.database.messages.record(second)).toEqual([]);
    expect((await record.database.messages.find(first.envelopeId))?.content).toBe('first');
    expect(await record.database.messages.listUnreadable({ limit: 10 })).toEqual([]);
  });

  test('keeps a replay away from the conversation, and knows it afterwards', async () => {
    await using record = await openRecord();
    const { messages, mailbox } = record.database;
    const first = messageOf({ nonce: 'same' });
    const replay = messageOf({ nonce: 'same' });
    const byAnother = messageOf({ nonce: 'same', from: BOB });
    expect(await messages.record([first, replay, byAnother])).toEqual([first.envelopeId, byAnother.envelopeId]);
    expect(await list(record.database)).toEqual([first.envelopeId, byAnother.envelopeId]);
    expect(await messages.listUnreadable({ limit: 10 })).toMatchObject([
      { envelopeId: replay.envelopeId, reason: 'replay', senderSlug: ALICE },
    ]);
    expect(await mailbox.findKnown([replay.envelopeId])).toEqual(new Set([replay.envelopeId]));
  });

  test('takes all of a batch or nothing', async () => {
    await using record = await openRecord();
    const good = messageOf();
    const broken = messageOf();
    Object.assign(broken.message, { content: undefined });
    await expect(record.database.messages.record([good, broken])).rejects.toBeInstanceOf(Error);
    expect(await record.database.messages.find(good.envelopeId)).toBeUndefined();
    expect(await record.database.messages.record(good)).toEqual([good.envelopeId]);
  });

  test('is written by two processes in turn, and each message is new to one of them', async () => {
    await using record = await openRecord();
    const other = await record.open();
    const inbound = Array.from({ length: 60 }, (_, index) => messageOf({ seq: index + 1 }));
    const added = await Promise.all(
      [record.database, other].flatMap((database) => inbound.map((each) => database.messages.record(each))),
    );
    expect(added.flat().toSorted()).toEqual(inbound.map(({ envelopeId }) => envelopeId).toSorted());
    expect(await list(other)).toEqual(inbound.map(({ envelopeId }) => envelopeId));
  });
});

describe('a conversation', () => {
  test('is in the order of the server, whatever the clocks of the senders say', async () => {
    await using record = await openRecord();
    const [late, early, middle] = [
      messageOf({ seq: 30, sentAt: 1 }),
      messageOf({ seq: 10, sentAt: NOW }),
      messageOf({ seq: 20, sentAt: NOW * 2 }),
    ];
    await record.database.messages.record([late, early, middle]);
    expect(await list(record.database)).toEqual([early.envelopeId, middle.envelopeId, late.envelopeId]);
  });

  test('has messages without a number after what was known when they came', async () => {
    await using record = await openRecord();
    const unnumbered = [messageOf(), messageOf(), messageOf()] as const;
    const [first, second] = [messageOf({ seq: 10 }), messageOf({ seq: 20 })];
    const elsewhere = messageOf({ seq: 99, route: OTHER });
    for (const each of [elsewhere, unnumbered[0], first, unnumbered[1], unnumbered[2], second]) {
      await record.database.messages.record(each);
    }
    const expected = [unnumbered[0], first, unnumbered[1], unnumbered[2], second];
    expect(await list(record.database)).toEqual(expected.map(({ envelopeId }) => envelopeId));
  });

  test('is read page by page, backwards, without gaps or repetitions', async () => {
    await using record = await openRecord();
    const inbound = Array.from({ length: 23 }, (_, index) => messageOf({ seq: index < 15 ? 5 + index : undefined }));
    await record.database.messages.record(inbound);
    const pages: (readonly EnvelopeId[])[] = [];
    for (let before: EnvelopeId | undefined; ; before = pages[0]?.[0]) {
      const page = await list(record.database, { limit: 5, before });
      if (page.length === 0) break;
      pages.unshift(page);
    }
    expect(pages.map(({ length }) => length)).toEqual([3, 5, 5, 5, 5]);
    expect(pages.flat()).toEqual(inbound.map(({ envelopeId }) => envelopeId));
  });

  test('of two people holds what both wrote, and nothing of others', async () => {
    await using record = await openRecord();
    const toMe = messageOf({ seq: 1, from: ALICE, route: { kind: 'dm', recipientSlug: OWN } });
    const toBob = messageOf({ seq: 2, from: OWN, route: { kind: 'dm', recipientSlug: BOB } });
    const toAlice = messageOf({ seq: 3, from: OWN, route: { kind: 'dm', recipientSlug: ALICE } });
    const toMyself = messageOf({ seq: 4, from: OWN, route: { kind: 'dm', recipientSlug: OWN } });
    await record.database.messages.record([toMe, toBob, toAlice, toMyself, messageOf({ seq: 5 })]);
    const found = await record.database.messages.list({ conversation: { kind: 'dm', peerSlug: ALICE }, limit: 10 });
    expect(found.map(({ envelopeId, isOwn }) => [envelopeId, isOwn])).toEqual([
      [toMe.envelopeId, false],
      [toAlice.envelopeId, true],
    ]);
    expect(await list(record.database, { conversation: { kind: 'dm', peerSlug: OWN } })).toEqual([toMyself.envelopeId]);
  });

  test('shows one thread with its root, and only what is of this conversation', async () => {
    await using record = await openRecord();
    const root = messageOf({ seq: 1 });
    const threadRootId = root.envelopeId;
    const answers = [messageOf({ seq: 3, threadRootId }), messageOf({ seq: 5, threadRootId })];
    const foreign = messageOf({ seq: 4, threadRootId, route: OTHER });
    await record.database.messages.record([root, messageOf({ seq: 2 }), ...answers, foreign]);
    const thread = [root, ...answers].map(({ envelopeId }) => envelopeId);
    expect(await list(record.database, { threadRootId })).toEqual(thread);
    expect(await list(record.database, { threadRootId, limit: 1 })).toEqual(thread.slice(-1));
    expect(await list(record.database, { threadRootId, before: thread[2] })).toEqual(thread.slice(0, 2));
  });

  test('cannot be read from a message that is not there', async () => {
    await using record = await openRecord();
    await expect(list(record.database, { before: UNKNOWN_ID })).rejects.toMatchObject({ code: 'invalid-input' });
  });

  test.each([
    [0, 0],
    [-3, 0],
    [2.7, 2],
    [1_000_000, 500],
  ])('gives for a limit of %s at most %s', async (limit, count) => {
    await using record = await openRecord();
    await record.database.messages.record(Array.from({ length: 510 }, () => messageOf()));
    expect(await list(record.database, { limit })).toHaveLength(count);
  });

  test('is listed by its last message, the latest first', async () => {
    await using record = await openRecord();
    const { messages } = record.database;
    expect(await messages.listConversations()).toEqual([]);
    const dm = messageOf({ seq: 9, route: { kind: 'dm', recipientSlug: OWN } });
    const lastOfGeneral = messageOf({ seq: 8 });
    const lastOfOther = messageOf({ seq: 11, route: OTHER });
    await messages.record([messageOf({ seq: 1 }), lastOfGeneral, messageOf({ seq: 2, route: OTHER }), dm, lastOfOther]);
    const found = await messages.listConversations();
    expect(found.map(({ conversation }) => conversation)).toEqual([OTHER, { kind: 'dm', peerSlug: ALICE }, GENERAL]);
    expect(idsOf(found)).toEqual([lastOfOther, dm, lastOfGeneral].map(({ envelopeId }) => envelopeId));
    expect(await messages.listConversations(1)).toHaveLength(1);
  });
});

describe('what this device sent', () => {
  test('stands in its conversation, at first without a number, then where the server put it', async () => {
    await using record = await openRecord();
    const { messages } = record.database;
    const [before, after] = [messageOf({ seq: 10 }), messageOf({ seq: 30 })];
    const sent = outgoing({ content: 'mine', sealed: { envelope: { sent_at: NOW - 1 }, contentKey: 'k' } });
    await messages.record(before);
    await messages.recordSent(sent);
    await messages.record(after);
    expect(await list(record.database)).toEqual([before, sent, after].map(({ envelopeId }) => envelopeId));
    await messages.recordSent({ ...sent, seq: 40, state: 'sent' });
    await messages.recordSent({ ...sent, seq: 5, state: 'sent' });
    expect(await list(record.database)).toEqual([before, after, sent].map(({ envelopeId }) => envelopeId));
    expect(await messages.find(sent.envelopeId)).toMatchObject({
      isOwn: true,
      senderSlug: OWN,
      seq: 40,
      content: 'mine',
      sentAt: NOW - 1,
    });
    expect(await record.database.mailbox.findKnown([sent.envelopeId])).toEqual(new Set([sent.envelopeId]));
  });

  test('to a person is of the conversation with that person', async () => {
    await using record = await openRecord();
    const sent = outgoing({ route: { kind: 'dm', recipientSlug: BOB } });
    await record.database.messages.recordSent(sent);
    expect(await list(record.database, { conversation: { kind: 'dm', peerSlug: BOB } })).toEqual([sent.envelopeId]);
    expect((await record.database.messages.find(sent.envelopeId))?.sentAt).toBe(sent.createdAt);
  });
});

describe('what is unreadable', () => {
  test('is kept with its envelope, once, and listed page by page', async () => {
    await using record = await openRecord();
    const { messages } = record.database;
    const all = [unreadableOf({ seq: 3 }), unreadableOf(), unreadableOf({ seq: 1 })] as const;
    await messages.record([...all, all[0]]);
    const found = await messages.listUnreadable({ limit: 10 });
    expect(found).toEqual(
      all.map(({ envelopeId, seq, senderSlug, reason, envelope }) => {
        return { envelopeId, seq, senderSlug, reason, envelope, receivedAt: NOW };
      }),
    );
    expect(await messages.listUnreadable({ limit: 10, after: all[0].envelopeId })).toEqual(found.slice(1));
    expect(await messages.listUnreadable({ limit: 1 })).toEqual(found.slice(0, 1));
  });

  test('is not unreadable any more when it is recorded as a message, and never the other way round', async () => {
    await using record = await openRecord();
    const { messages } = record.database;
    const first = unreadableOf();
    await messages.record(first);
    const readable = messageOf({ envelopeId: first.envelopeId });
    expect(await messages.record(readable)).toEqual([first.envelopeId]);
    expect(await messages.listUnreadable({ limit: 10 })).toEqual([]);
    await messages.record(unreadableOf({ envelopeId: first.envelopeId }));
    expect(await messages.listUnreadable({ limit: 10 })).toEqual([]);
  });
});

describe('what the mailbox asks', () => {
  test('is answered from messages and unreadable ones alike, however many ids there are', async () => {
    await using record = await openRecord();
    const { messages, mailbox } = record.database;
    const known = [messageOf(), messageOf(), unreadableOf()];
    await messages.record(known);
    const ids = known.map(({ envelopeId }) => envelopeId);
    const strangers = Array.from({ length: 40_000 }, () => messageOf().envelopeId);
    expect(await mailbox.findKnown([...strangers, ...ids])).toEqual(new Set(ids));
    expect(await mailbox.findKnown([])).toEqual(new Set());
    expect(await mailbox.findKnown([UNKNOWN_ID])).toEqual(new Set());
  });

  test('includes replay keys, of messages only', async () => {
    await using record = await openRecord();
    const { messages, mailbox } = record.database;
    const inbound = messageOf();
    await messages.record([inbound, unreadableOf()]);
    expect(await mailbox.hasReplayKey(inbound.message.replayKey)).toBe(true);
    expect(await mailbox.hasReplayKey(`${inbound.message.replayKey}x`)).toBe(false);
  });
});
