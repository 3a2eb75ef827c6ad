import { copyFile, chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonValue } from '@puffo/base';
import { openSqliteReader } from '@puffo/sql';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { openHistoryReader } from '../../src/store/history-reader.ts';
import { type HistoryStore, openHistoryStore } from '../../src/store/history-store.ts';
import { ALICE, CHANNEL, DIRECT, historyOf, makeFolder, NOW, SPACE } from './kit.ts';

const FIXTURE = fileURLToPath(
  new URL('../../../../fixtures/home-0.7.2/agents/helper-9a7c/messages.db', import.meta.url),
);
const FIXTURE_CHANNEL = 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e';

interface TestHistory extends AsyncDisposable {
  readonly path: string;
  readonly history: HistoryStore;
  readonly clock: { now: number };
}

async function openHistory({ fixture = false } = {}): Promise<TestHistory> {
  const folder = await makeFolder();
  const path = join(folder.path, 'messages.db');
  if (fixture) {
    await copyFile(FIXTURE, path);
    await chmod(path, 0o644);
  }
  const clock = { now: NOW };
  const history = await openHistoryStore(path, { clock: () => clock.now });
  return {
    path,
    history,
    clock,
    async [Symbol.asyncDispose]() {
      await history[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
}

async function shapeOf(path: string) {
  await using reader = openSqliteReader<object>(path);
  const columns =
    await sql<Column>`select name, type, "notnull", dflt_value, pk from pragma_table_info('messages')`.execute(
      reader.db,
    );
  const indexes = await sql<{ name: string; sql: string }>`
    select name, sql from sqlite_master where tbl_name = 'messages' and type = 'index' and sql is not null order by name
  `.execute(reader.db);
  const mode = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(reader.db);
  return {
    columns: columns.rows,
    indexes: indexes.rows.map(({ name, sql: text }) => [name, text.toLowerCase().replace(/\s+/g, ' ')]),
    mode: mode.rows[0]?.journal_mode,
  };
}

describe('statement 77: the file of 0.7.2', () => {
  test('is read as it was written', async () => {
    await using test = await openHistory({ fixture: true });
    const channel = await test.history.listChannel(FIXTURE_CHANNEL, { limit: 50 });
    expect(channel.map(({ content }) => content)).toEqual(['hello @helper-9a7c', '{"a":1}', 'thread reply']);
    expect(channel[2]).toMatchObject({
      envelopeKind: 'channel',
      threadRootId: 'msg_00000000-0000-4000-8000-000000000000',
      recipientSlug: null,
      receivedAt: 1_778_400_004_500,
    });
    const direct = await test.history.listDirect('alice-3d3d', { limit: 50 });
    expect(direct.map(({ content }) => content)).toEqual(['123', 'héllo 🐡']);
    expect(await test.history.findSpaceOfChannel(FIXTURE_CHANNEL)).toBe('sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db');
  });

  test('has the same table, columns, indexes and journal when it is written here', async () => {
    await using ours = await openHistory();
    await using theirs = await openHistory({ fixture: true });
    const shape = await shapeOf(ours.path);
    expect(shape).toEqual(await shapeOf(theirs.path));
    expect(shape.mode).toBe('wal');
    expect(shape.columns).toHaveLength(12);
    expect(shape.indexes.map(([name]) => name)).toEqual([
      'idx_messages_channel',
      'idx_messages_dm',
      'idx_messages_received',
    ]);
  });

  test('takes new messages beside the old ones', async () => {
    await using test = await openHistory({ fixture: true });
    expect(await test.history.add([historyOf('msg_new', { channelId: FIXTURE_CHANNEL })])).toEqual(['msg_new']);
    const channel = await test.history.listChannel(FIXTURE_CHANNEL, { limit: 50 });
    expect(channel.map(({ envelopeId }) => envelopeId).at(-1)).toBe('msg_new');
    expect(channel).toHaveLength(4);
  });
});

describe('a history', () => {
  test('statement 78: keeps the first content of an id that comes twice', async () => {
    await using test = await openHistory();
    expect(await test.history.add([historyOf('msg_1', { content: 'first' })])).toEqual(['msg_1']);
    expect(await test.history.add([historyOf('msg_1', { content: 'second' }), historyOf('msg_2')])).toEqual(['msg_2']);
    expect((await test.history.find('msg_1'))?.content).toBe('first');
  });

  test.each<[string, string, JsonValue]>([
    ['text that looks like a number', 'text/plain', '123'],
    ['text that looks like nothing', 'text/plain', 'null'],
    ['text that looks like a list', 'text/markdown', '["a"]'],
    ['an attachment', 'puffo/message+attachments/v1', { text: 'look', attachments: [{ name: 'a' }] }],
    ['an object', 'application/json', { a: 1 }],
    ['an object with parameters in its type', 'application/problem+json; charset=utf-8', { a: [true, null] }],
    ['text of a structured type', 'application/json', '123'],
  ])('statement 79: gives back %s as it was', async (_, contentType, content) => {
    await using test = await openHistory();
    await test.history.add([historyOf('msg_1', { contentType, content })]);
    expect((await test.history.find('msg_1'))?.content).toEqual(content);
  });

  test('reads what later versions of the reference mark as JSON', async () => {
    await using test = await openHistory();
    await test.history.add([historyOf('msg_1', { content: '\u001ePUFFO_CONTENT_JSON_V1:{"a":1}' })]);
    expect((await test.history.find('msg_1'))?.content).toEqual({ a: 1 });
  });

  test.each([null, undefined, Number.NaN, 1.5])(
    'keeps a message that was sent at %s: it counts as just received',
    async (sentAt) => {
      await using test = await openHistory();
      expect(await test.history.add([historyOf('msg_1', { sentAt })])).toEqual(['msg_1']);
      expect(await test.history.find('msg_1')).toMatchObject({ sentAt: NOW, receivedAt: NOW });
    },
  );

  test('refuses a message without an id, and keeps nothing of its batch', async () => {
    await using test = await openHistory();
    await expect(async () => test.history.add([historyOf('msg_1'), historyOf('')])).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    expect(await test.history.find('msg_1')).toBeUndefined();
  });

  test('is read in pages without a gap, also where many were sent in the same millisecond', async () => {
    await using test = await openHistory();
    const ids = Array.from({ length: 10 }, (_, at) => `msg_${at}`);
    await test.history.add(ids.map((id, at) => historyOf(id, { sentAt: NOW + Math.floor(at / 4) })));
    const pages: string[][] = [];
    let before: { sentAt: number; envelopeId: string } | undefined;
    for (;;) {
      const page = await test.history.listChannel(CHANNEL, { limit: 3, before });
      if (page.length === 0) break;
      pages.unshift(page.map(({ envelopeId }) => envelopeId));
      before = page[0];
    }
    expect(pages.flat()).toEqual(ids);
    const before4 = await test.history.listChannel(CHANNEL, { limit: 50, before: { sentAt: NOW + 1 } });
    expect(before4.map(({ envelopeId }) => envelopeId)).toEqual(ids.slice(0, 4));
  });

  test('has what was said with one person, whoever said it', async () => {
    await using test = await openHistory();
    await test.history.add([
      historyOf('msg_1', { ...DIRECT, recipientSlug: 'helper-9a7c' }),
      historyOf('msg_2', { ...DIRECT, senderSlug: 'helper-9a7c', recipientSlug: ALICE, sentAt: NOW + 1 }),
      historyOf('msg_3', { ...DIRECT, senderSlug: 'bob-1111', recipientSlug: 'helper-9a7c' }),
      historyOf('msg_4'),
    ]);
    const direct = await test.history.listDirect(ALICE, { limit: 50 });
    expect(direct.map(({ envelopeId }) => envelopeId)).toEqual(['msg_1', 'msg_2']);
  });

  test('takes the space of a channel from its newest message that has one', async () => {
    await using test = await openHistory();
    await test.history.add([
      historyOf('msg_1', { spaceId: 'sp_old' }),
      historyOf('msg_2', { spaceId: SPACE, sentAt: NOW + 1 }),
      historyOf('msg_3', { spaceId: '', sentAt: NOW + 2 }),
      historyOf('msg_4', { spaceId: null, sentAt: NOW + 3 }),
    ]);
    expect(await test.history.findSpaceOfChannel(CHANNEL)).toBe(SPACE);
    expect(await test.history.findSpaceOfChannel('ch_other')).toBeUndefined();
  });

  test('forgets the oldest ones, a bounded number at once', async () => {
    await using test = await openHistory();
    const old = Array.from({ length: 1200 }, (_, at) => historyOf(`msg_old_${at}`));
    await test.history.add(old);
    test.clock.now = NOW + 10;
    await test.history.add([historyOf('msg_new')]);
    expect(await test.history.removeOld(NOW + 10)).toBe(1000);
    expect(await test.history.removeOld(NOW + 10)).toBe(200);
    expect(await test.history.removeOld(NOW + 10)).toBe(0);
    expect(await test.history.find('msg_new')).toBeDefined();
  });

  test('may be read by others while it is written', async () => {
    await using test = await openHistory();
    await using reader = openHistoryReader(test.path);
    const writing = Array.from({ length: 50 }, (_, at) => test.history.add([historyOf(`msg_${at}`)]));
    const counts = [];
    for (const each of writing) {
      await each;
      counts.push((await reader.listChannel(CHANNEL, { limit: 500 })).length);
    }
    expect(counts.at(-1)).toBe(50);
    expect(counts).toEqual(counts.toSorted((left, right) => left - right));
  });

  test('takes the same messages from two writers once', async () => {
    await using test = await openHistory();
    await using other = await openHistoryStore(test.path, { clock: () => NOW });
    const ids = Array.from({ length: 30 }, (_, at) => `msg_${at}`);
    const added = await Promise.all(
      ids.flatMap((id) => [test.history.add([historyOf(id)]), other.add([historyOf(id)])]),
    );
    expect(added.flat().toSorted()).toEqual(ids.toSorted());
  });

  test.runIf(process.platform !== 'win32')('is for this user only, also where it was open to others', async () => {
    await using test = await openHistory({ fixture: true });
    await test.history.add([historyOf('msg_1')]);
    const modes = await Promise.all(
      ['', '-wal', '-shm'].map(async (end) => (await stat(test.path + end)).mode & 0o777),
    );
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });
});
