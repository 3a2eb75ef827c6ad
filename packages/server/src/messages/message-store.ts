// Messages in the tables.
import type { EnvelopeId } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import { prepareQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';
import type { MessageRow } from './to-message-row.ts';

export function findMessage(db: Kysely<ServerSchema>, envelopeId: EnvelopeId): Promise<MessageRow | undefined> {
  return db.selectFrom('messages').where('envelope_id', '=', envelopeId).selectAll().executeTakeFirst();
}

/** Whether it was new: a message of this id may be there. */
export async function insertMessage(transaction: Transaction<ServerSchema>, row: MessageRow): Promise<boolean> {
  return (await insertRow(transaction, row)).numAffectedRows === 1n;
}

const insertRow = prepareQuery<MessageRow, never>((db, slot) =>
  db
    .insertInto('messages')
    .values({
      envelope_id: slot('envelope_id'),
      seq: slot('seq'),
      sender_slug: slot('sender_slug'),
      kind: slot('kind'),
      space_id: slot('space_id'),
      channel_id: slot('channel_id'),
      recipient_slug: slot('recipient_slug'),
      sent_at: slot('sent_at'),
      received_at: slot('received_at'),
      envelope: slot('envelope'),
      content_hash: slot('content_hash'),
    })
    .onConflict((conflict) => conflict.doNothing()),
);
