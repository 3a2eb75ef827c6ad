// Messages and their deliveries in the tables.
import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import { prepareQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';
import type { MessageRow } from './to-message-row.ts';

/** A device that gets a message, and the JSON text of its entry. */
export interface NewDelivery {
  readonly deviceId: DeviceId;
  readonly entry: string;
}

export interface NewDeliveries {
  readonly envelopeId: EnvelopeId;
  readonly seq: number;
  readonly deliveries: readonly NewDelivery[];
}

const ROWS_PER_STATEMENT = 100;

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

export async function insertDeliveries(
  transaction: Transaction<ServerSchema>,
  { envelopeId, seq, deliveries, dialect }: NewDeliveries & { readonly dialect: Database<ServerSchema>['dialect'] },
): Promise<void> {
  for (let at = 0; at < deliveries.length; at += ROWS_PER_STATEMENT) {
    const rows = deliveries.slice(at, at + ROWS_PER_STATEMENT);
    const values = rows.flatMap(({ deviceId, entry }) => [deviceId, envelopeId, seq, entry]);
    await transaction.executeQuery(CompiledQuery.raw(insertText(dialect, rows.length), values));
  }
}

export async function listDeliveredDevices(
  db: Kysely<ServerSchema>,
  envelopeId: EnvelopeId,
): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('deliveries').where('envelope_id', '=', envelopeId).select('device_id').execute();
  return new Set(rows.map((row) => row.device_id));
}

const insertTexts = new Map<string, string>();

/** Building a statement of a hundred rows costs more than running it, and it depends on nothing but their number. */
function insertText(dialect: Database<ServerSchema>['dialect'], rows: number): string {
  const key = `${dialect} ${rows}`;
  const known = insertTexts.get(key);
  if (known !== undefined) return known;
  const tuples = Array.from({ length: rows }, (_, row) => {
    const marks = [1, 2, 3, 4].map((column) => (dialect === 'sqlite' ? '?' : `$${row * 4 + column}`));
    return `(${marks.join(', ')})`;
  });
  const text = `insert into deliveries (device_id, envelope_id, seq, entry) values ${tuples.join(', ')}`;
  insertTexts.set(key, text);
  return text;
}
