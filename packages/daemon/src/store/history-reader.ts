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
  /** By the newest message that says so. */
  findSpaceOfChannel(channelId: string): Promise<string | undefined>;
}

export interface HistoryPage {
  /** At most 500 are returned. */
  readonly limit: number;
  /** Not included itself. */
  readonly before?: HistoryPlace | undefined;
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

async function readPage(query: Selection, { before, limit }: HistoryPage): Promise<readonly HistoryMessage[]> {
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

function boundedLimit(limit: number): number {
  return Math.min(Math.max(Math.trunc(limit), 0), MAX_HISTORY_ROWS);
}
