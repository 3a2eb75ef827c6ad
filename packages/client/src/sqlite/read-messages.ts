// Reading the record: pages of a conversation, in the order of the server.
import type { JsonObject } from '@puffo/base';
import type { ChannelId, EnvelopeId, Slug } from '@puffo/protocol';
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { ClientError } from '../client-error.ts';
import type { UnreadableReason } from '../mailbox/mailbox.ts';
import { type Conversation, messageOfRow, type StoredMessage } from './message-row.ts';
import type { ClientSchema } from './schema.ts';
import { readStoredObject } from './stored-json.ts';

/** Of one answer, however many are asked for. */
export const MAX_ROWS = 500;

export interface ListQuestion {
  readonly conversation:
    | { readonly kind: 'channel'; readonly channelId: ChannelId }
    | Extract<Conversation, { readonly kind: 'dm' }>;
  /** Those before this one. */
  readonly before?: EnvelopeId | undefined;
  /** At most 500 are returned. */
  readonly limit: number;
  /** This message and the answers in its thread. */
  readonly threadRootId?: EnvelopeId | undefined;
}

export interface StoredUnreadable {
  readonly envelopeId: EnvelopeId;
  readonly seq: number | undefined;
  /** Claimed, not proven. */
  readonly senderSlug: Slug | undefined;
  readonly reason: UnreadableReason;
  readonly envelope: JsonObject;
  /** ms */
  readonly receivedAt: number;
}

export interface UnreadableQuestion {
  readonly after?: EnvelopeId | undefined;
  /** At most 500 are returned. */
  readonly limit: number;
}

export async function findMessage(
  db: Kysely<ClientSchema>,
  envelopeId: EnvelopeId,
): Promise<StoredMessage | undefined> {
  const row = await db.selectFrom('messages').where('envelope_id', '=', envelopeId).selectAll().executeTakeFirst();
  return row === undefined ? undefined : messageOfRow(row);
}

export async function listMessages(
  db: Kysely<ClientSchema>,
  { conversation, before, limit, threadRootId }: ListQuestion,
): Promise<readonly StoredMessage[]> {
  let query = db.selectFrom('messages').selectAll();
  query =
    conversation.kind === 'channel'
      ? query.where('channel_id', '=', conversation.channelId)
      : query.where('peer_slug', '=', conversation.peerSlug);
  if (threadRootId !== undefined) {
    query = query.where(({ eb, or }) =>
      or([eb('thread_root_id', '=', threadRootId), eb('envelope_id', '=', threadRootId)]),
    );
  }
  if (before !== undefined) {
    const place = await findPlace(db, before);
    query = query.where(sql<boolean>`(position, id) < (${place.position}, ${place.id})`);
  }
  const rows = await newestFirst(query).limit(boundedLimit(limit)).execute();
  return rows.reverse().map(messageOfRow);
}

async function findPlace(db: Kysely<ClientSchema>, envelopeId: EnvelopeId) {
  const place = await db
    .selectFrom('messages')
    .where('envelope_id', '=', envelopeId)
    .select(['position', 'id'])
    .executeTakeFirst();
  if (place !== undefined) return place;
  const message = `Cannot list what is before message ${envelopeId}: it is not recorded here`;
  throw new ClientError(message, { code: 'invalid-input' });
}

export async function listConversations(db: Kysely<ClientSchema>, limit: number): Promise<readonly StoredMessage[]> {
  const lastOfChannels = sql`select (select id from messages as m where m.channel_id = c.channel_id
      order by position desc, id desc limit 1)
    from (select distinct channel_id from messages where channel_id is not null) as c`;
  const lastWithPeers = sql`select (select id from messages as m where m.peer_slug = p.peer_slug
      order by position desc, id desc limit 1)
    from (select distinct peer_slug from messages where peer_slug is not null) as p`;
  const query = db
    .selectFrom('messages')
    .selectAll()
    .where(sql<boolean>`id in (${lastOfChannels} union all ${lastWithPeers})`);
  const rows = await newestFirst(query).limit(boundedLimit(limit)).execute();
  return rows.map(messageOfRow);
}

function newestFirst<Row>(query: SelectQueryBuilder<ClientSchema, 'messages', Row>) {
  return query.orderBy('position', 'desc').orderBy('id', 'desc');
}

/** Without what somebody tried again and recorded as a message since. */
export async function listUnreadable(
  db: Kysely<ClientSchema>,
  { after, limit }: UnreadableQuestion,
): Promise<readonly StoredUnreadable[]> {
  let query = db
    .selectFrom('unreadable')
    .selectAll()
    .where('envelope_id', 'not in', ({ selectFrom }) => selectFrom('messages').select('messages.envelope_id'));
  if (after !== undefined) {
    query = query.where('id', '>', ({ selectFrom }) =>
      selectFrom('unreadable as last').where('last.envelope_id', '=', after).select('last.id'),
    );
  }
  const rows = await query.orderBy('id').limit(boundedLimit(limit)).execute();
  return rows.map((row) => ({
    envelopeId: row.envelope_id as EnvelopeId,
    seq: row.seq ?? undefined,
    senderSlug: (row.sender_slug ?? undefined) as Slug | undefined,
    reason: row.reason as UnreadableReason,
    envelope: readStoredObject(row.envelope, `envelope ${row.envelope_id}`),
    receivedAt: row.received_at,
  }));
}

function boundedLimit(limit: number): number {
  return Math.min(Math.max(Math.trunc(limit), 0), MAX_ROWS);
}
