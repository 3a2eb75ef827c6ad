// Reading `messages.db`: pages of a conversation, oldest first. spec: daemon-and-cli 6.4
import { openSqliteReader } from '@puffo/sql';
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { type HistoryMessage, historyOfRow } from './history-message.ts';
import { HISTORY_COLUMNS, type HistorySchema, type HistoryTable } from './history-schema.ts';

/** Of one answer, however many are asked for. */
const MAX_HISTORY_ROWS = 500;

export interface HistoryReader {
  find(envelopeId: string): Promise<HistoryMessage | undefined>;
  /** The newest ones before `before`, oldest first. */
  listChannel(channelId: string, page: HistoryPage): Promise<readonly HistoryMessage[]>;
  /** As `listChannel`, of what was said with one person, whoever said it. */
  listDirect(peerSlug: string, page: HistoryPage): Promise<readonly HistoryMessage[]>;
  /** Those of all channels that came last, oldest first. */
  listRecent(limit: number): Promise<readonly HistoryMessage[]>;
  /** The root, when it is known, and its replies; as `listChannel`. */
  listThread(rootId: string, page: HistoryPage): Promise<readonly HistoryMessage[]>;
  /** Any message that is in the thread of this one. */
  findInThread(rootId: string): Promise<HistoryMessage | undefined>;
  /** By the root; those without replies are left out. */
  countReplies(rootIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The newest ones whose record holds the text, newest first; the caller looks whether it is in what people wrote. */
  search(search: HistorySearch): Promise<readonly HistoryMessage[]>;
  /** ms; when the oldest message was received. `undefined`: there is none. */
  findBeginning(): Promise<number | undefined>;
  /** By the newest message that says so. */
  findSpaceOfChannel(channelId: string): Promise<string | undefined>;
}

export interface HistoryPage {
  /** At most 500 are returned. */
  readonly limit: number;
  /** Not included itself. */
  readonly before?: HistoryPlace | undefined;
  /** Not included itself. With it, the oldest ones after it are returned. */
  readonly after?: HistoryPlace | undefined;
  /** Only what begins a thread, or stands alone. */
  readonly rootsOnly?: boolean | undefined;
}

export interface HistorySearch {
  /** ASCII letters without regard to case. */
  readonly text: string;
  readonly channelId?: string | undefined;
  readonly senderSlug?: string | undefined;
  readonly before?: HistoryPlace | undefined;
  readonly limit: number;
}

/** The oldest message of a page is where the next one ends: several may have been sent in one millisecond. */
export interface HistoryPlace {
  readonly sentAt: number;
  /** Without it, everything that was sent at `sentAt` is left out. */
  readonly envelopeId?: string | undefined;
}

export interface OpenHistoryReader extends HistoryReader, AsyncDisposable {}

/** Changes nothing in the file. Fails with a `SqlError` when there is no database. */
export function openHistoryReader(path: string): OpenHistoryReader {
  const reader = openSqliteReader<HistorySchema>(path);
  return { ...createHistoryReader(reader.db), [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose]() };
}

export function createHistoryReader(db: Kysely<HistorySchema>): HistoryReader {
  return {
    async find(envelopeId) {
      const row = await selectMessages(db).where('envelope_id', '=', envelopeId).executeTakeFirst();
      return row === undefined ? undefined : historyOfRow(row);
    },
    listChannel: (channelId, page) => readPage(selectMessages(db).where('channel_id', '=', channelId), page),
    listDirect: (peerSlug, page) =>
      readPage(
        selectMessages(db)
          .where('envelope_kind', '=', 'dm')
          .where(({ eb, or }) => or([eb('sender_slug', '=', peerSlug), eb('recipient_slug', '=', peerSlug)])),
        page,
      ),
    listThread: (rootId, page) =>
      readPage(
        selectMessages(db).where(({ eb, or }) =>
          or([eb('envelope_id', '=', rootId), eb('thread_root_id', '=', rootId)]),
        ),
        page,
      ),
    async findInThread(rootId) {
      const row = await selectMessages(db).where('thread_root_id', '=', rootId).limit(1).executeTakeFirst();
      return row === undefined ? undefined : historyOfRow(row);
    },
    async countReplies(rootIds) {
      if (rootIds.length === 0) return new Map();
      const rows = await db
        .selectFrom('messages')
        .select(({ fn }) => ['thread_root_id', fn.countAll<number>().as('count')])
        .where('thread_root_id', 'in', rootIds)
        .groupBy('thread_root_id')
        .execute();
      return new Map(rows.flatMap(({ thread_root_id: id, count }) => (id === null ? [] : [[id, count]])));
    },
    search: (search) => searchMessages(db, search),
    async findBeginning() {
      const row = await db
        .selectFrom('messages')
        .select('received_at')
        .orderBy('received_at')
        .limit(1)
        .executeTakeFirst();
      return row?.received_at;
    },
    async listRecent(limit) {
      // By the only order over all channels that has an index.
      const rows = await selectMessages(db)
        .where('channel_id', 'is not', null)
        .orderBy('received_at', 'desc')
        .orderBy('envelope_id', 'desc')
        .limit(boundedLimit(limit))
        .execute();
      return rows.reverse().map(historyOfRow);
    },
    async findSpaceOfChannel(channelId) {
      const row = await db
        .selectFrom('messages')
        .select('space_id')
        .where('channel_id', '=', channelId)
        .where('space_id', 'is not', null)
        .where('space_id', '<>', '')
        .orderBy('sent_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.space_id ?? undefined;
    },
  };
}

type Selection = SelectQueryBuilder<HistorySchema, 'messages', HistoryTable>;

function selectMessages(db: Kysely<HistorySchema>): Selection {
  return db.selectFrom('messages').select(HISTORY_COLUMNS);
}

async function readPage(all: Selection, page: HistoryPage): Promise<readonly HistoryMessage[]> {
  const { before, after, limit, rootsOnly = false } = page;
  const query = rootsOnly ? all.where('thread_root_id', 'is', null) : all;
  if (after !== undefined) {
    const rows = await beginAfter(endBefore(query, before), after)
      .orderBy('sent_at')
      .orderBy('envelope_id')
      .limit(boundedLimit(limit))
      .execute();
    return rows.map(historyOfRow);
  }
  const rows = await endBefore(query, before)
    .orderBy('sent_at', 'desc')
    .orderBy('envelope_id', 'desc')
    .limit(boundedLimit(limit))
    .execute();
  return rows.reverse().map(historyOfRow);
}

function endBefore(query: Selection, before: HistoryPlace | undefined): Selection {
  if (before === undefined) return query;
  const { sentAt, envelopeId } = before;
  if (envelopeId === undefined) return query.where('sent_at', '<', sentAt);
  return query.where(sql<boolean>`(sent_at, envelope_id) < (${sentAt}, ${envelopeId})`);
}

function beginAfter(query: Selection, { sentAt, envelopeId }: HistoryPlace): Selection {
  if (envelopeId === undefined) return query.where('sent_at', '>', sentAt);
  return query.where(sql<boolean>`(sent_at, envelope_id) > (${sentAt}, ${envelopeId})`);
}

async function searchMessages(
  db: Kysely<HistorySchema>,
  { text, channelId, senderSlug, before, limit }: HistorySearch,
): Promise<readonly HistoryMessage[]> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  let query = endBefore(selectMessages(db), before).where(sql<boolean>`content like ${pattern} escape '\\'`);
  if (channelId !== undefined) query = query.where('channel_id', '=', channelId);
  if (senderSlug !== undefined) query = query.where('sender_slug', '=', senderSlug);
  const rows = await query
    .orderBy('sent_at', 'desc')
    .orderBy('envelope_id', 'desc')
    .limit(boundedLimit(limit))
    .execute();
  return rows.map(historyOfRow);
}

function boundedLimit(limit: number): number {
  return Math.min(Math.max(Math.trunc(limit), 0), MAX_HISTORY_ROWS);
}
