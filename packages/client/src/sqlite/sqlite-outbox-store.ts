import type { ChannelId, EnvelopeId, Route, Slug, SpaceId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { Insertable, Kysely, Selectable, Updateable } from 'kysely';
import { ClientError } from '../client-error.ts';
import type { OutboxRow, OutboxStore } from '../outbox/outbox-store.ts';
import type { ClientSchema, OutboxTable } from './schema.ts';
import { readStoredJson, readStoredObject } from './stored-json.ts';

type Row = Selectable<OutboxTable>;

export function createSqliteOutboxStore(database: Database<ClientSchema>): OutboxStore {
  const { db } = database;
  return {
    add: (row) =>
      database.write(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('outbox')
          .values(toRow(row))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        if (numInsertedOrUpdatedRows === 1n) return row;
        const known = await findKnown(transaction, row);
        if (known === undefined) throw lost(row.envelopeId);
        return fromRow(known);
      }),
    async update(envelopeId, change) {
      const columns = toColumns(change);
      if (Object.keys(columns).length === 0) return;
      await database.write(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('outbox')
          .set(columns)
          .where('envelope_id', '=', envelopeId)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) throw lost(envelopeId);
      });
    },
    async find(envelopeId) {
      const row = await db.selectFrom('outbox').where('envelope_id', '=', envelopeId).selectAll().executeTakeFirst();
      return row === undefined ? undefined : fromRow(row);
    },
    async listQueued() {
      const rows = await db.selectFrom('outbox').where('state', '=', 'queued').orderBy('id').selectAll().execute();
      return rows.map(fromRow);
    },
  };
}

/** The key decides: whoever has it is the message that was meant. */
async function findKnown(db: Kysely<ClientSchema>, row: OutboxRow): Promise<Row | undefined> {
  const all = db.selectFrom('outbox').selectAll();
  const byKey =
    row.idempotencyKey === null
      ? undefined
      : await all.where('idempotency_key', '=', row.idempotencyKey).executeTakeFirst();
  return byKey ?? (await all.where('envelope_id', '=', row.envelopeId).executeTakeFirst());
}

function lost(envelopeId: EnvelopeId): ClientError {
  const message = `Cannot go on with message ${envelopeId}: it is not in the outbox any more`;
  return new ClientError(message, { code: 'store-failed' });
}

function toRow(row: OutboxRow): Insertable<OutboxTable> {
  return {
    envelope_id: row.envelopeId,
    idempotency_key: row.idempotencyKey,
    ...routeColumns(row.route),
    content_type: row.contentType,
    content: JSON.stringify(row.content),
    thread_root_id: row.threadRootId,
    reply_to_id: row.replyToId,
    is_visible_to_human: row.isVisibleToHuman ? 1 : 0,
    created_at: row.createdAt,
    ...sealedColumns(row.sealed),
    state: row.state,
    seq: row.seq,
    failure: row.failure,
    attempts: row.attempts,
  };
}

/** Of what changes, and nothing else. */
function toColumns(change: Partial<Omit<OutboxRow, 'envelopeId'>>): Updateable<OutboxTable> {
  const { route, content, isVisibleToHuman, sealed } = change;
  const columns: Updateable<OutboxTable> = {
    ...(route === undefined ? {} : routeColumns(route)),
    ...(content === undefined ? {} : { content: JSON.stringify(content) }),
    ...(isVisibleToHuman === undefined ? {} : { is_visible_to_human: isVisibleToHuman ? 1 : 0 }),
    ...(sealed === undefined ? {} : sealedColumns(sealed)),
    idempotency_key: change.idempotencyKey,
    content_type: change.contentType,
    thread_root_id: change.threadRootId,
    reply_to_id: change.replyToId,
    created_at: change.createdAt,
    state: change.state,
    seq: change.seq,
    failure: change.failure,
    attempts: change.attempts,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

function routeColumns(route: Route) {
  return route.kind === 'channel'
    ? { kind: route.kind, space_id: route.spaceId, channel_id: route.channelId, recipient_slug: null }
    : { kind: route.kind, space_id: null, channel_id: null, recipient_slug: route.recipientSlug };
}

function sealedColumns(sealed: OutboxRow['sealed']) {
  return sealed === null
    ? { envelope: null, content_key: null }
    : { envelope: JSON.stringify(sealed.envelope), content_key: sealed.contentKey };
}

/** What the rows hold was checked before it was written. */
function fromRow(row: Row): OutboxRow {
  const what = `outgoing message ${row.envelope_id}`;
  const { envelope, content_key: contentKey } = row;
  return {
    envelopeId: row.envelope_id as EnvelopeId,
    idempotencyKey: row.idempotency_key,
    route:
      row.kind === 'channel'
        ? { kind: 'channel', spaceId: row.space_id as SpaceId, channelId: row.channel_id as ChannelId }
        : { kind: 'dm', recipientSlug: row.recipient_slug as Slug },
    contentType: row.content_type,
    content: readStoredJson(row.content, what),
    threadRootId: row.thread_root_id as EnvelopeId | null,
    replyToId: row.reply_to_id as EnvelopeId | null,
    isVisibleToHuman: row.is_visible_to_human === 1,
    createdAt: row.created_at,
    sealed:
      envelope === null || contentKey === null ? null : { envelope: readStoredObject(envelope, what), contentKey },
    state: row.state,
    seq: row.seq,
    failure: row.failure,
    attempts: row.attempts,
  };
}
