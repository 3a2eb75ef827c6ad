// Acknowledgements in the tables: one number per device, and rows for what was acknowledged before something older.
import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import { prepareOneRowQuery, prepareQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';

const ROWS_PER_STATEMENT = 100;

/** What `acked_upto` is. Until the transaction ends, no other acknowledgement of the device is written. */
export async function lockAckedUpto(transaction: Transaction<ServerSchema>, deviceId: DeviceId): Promise<number> {
  const { rows } = await lockDevice(transaction, { deviceId });
  return rows[0]?.acked_upto ?? 0;
}

const lockDevice = prepareOneRowQuery<{ deviceId: string }, { acked_upto: number }>((db, slot) =>
  db
    .updateTable('devices')
    .set(({ ref }) => ({ acked_upto: ref('acked_upto') }))
    .where('device_id', '=', slot('deviceId'))
    .returning('acked_upto'),
);

export interface AckedMessages {
  readonly deviceId: DeviceId;
  readonly envelopeIds: readonly EnvelopeId[];
  /** What is not above it is of no interest. */
  readonly from: number;
}

/** Numbers under which the messages were posted to the device. */
export async function findPostingSeqs(
  transaction: Transaction<ServerSchema>,
  { deviceId, envelopeIds, from }: AckedMessages,
): Promise<readonly number[]> {
  const [envelopeId] = envelopeIds;
  if (envelopeIds.length === 1 && envelopeId !== undefined) {
    const { rows } = await findPostingSeq(transaction, { deviceId, envelopeId, from });
    return rows.map(({ seq }) => seq);
  }
  const rows = await transaction
    .selectFrom('postings')
    .innerJoin('recipient_sets', 'recipient_sets.set_id', 'postings.set_id')
    .where('postings.envelope_id', 'in', envelopeIds)
    .where('postings.seq', '>', from)
    .where('recipient_sets.device_id', '=', deviceId)
    .select('postings.seq')
    .execute();
  return rows.map(({ seq }) => seq);
}

const findPostingSeq = prepareOneRowQuery<{ deviceId: string; envelopeId: string; from: number }, { seq: number }>(
  (db, slot) =>
    db
      .selectFrom('postings')
      .innerJoin('recipient_sets', 'recipient_sets.set_id', 'postings.set_id')
      .where('postings.envelope_id', '=', slot('envelopeId'))
      .where('postings.seq', '>', slot('from'))
      .where('recipient_sets.device_id', '=', slot('deviceId'))
      .select('postings.seq'),
);

export interface AcksToWrite {
  readonly deviceId: DeviceId;
  readonly upto: number;
  readonly above: readonly number[];
}

export async function writeAcks(
  transaction: Transaction<ServerSchema>,
  { deviceId, upto, above }: AcksToWrite,
): Promise<void> {
  await raiseAckedUpto(transaction, { deviceId, upto });
  await forgetAcks(transaction, { deviceId, upto });
  for (let at = 0; at < above.length; at += ROWS_PER_STATEMENT) {
    const rows = above.slice(at, at + ROWS_PER_STATEMENT).map((seq) => ({ device_id: deviceId, seq }));
    await transaction
      .insertInto('acks')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

const raiseAckedUpto = prepareQuery<{ deviceId: string; upto: number }, never>((db, slot) =>
  db
    .updateTable('devices')
    .set({ acked_upto: slot('upto') })
    .where('device_id', '=', slot('deviceId')),
);

const forgetAcks = prepareQuery<{ deviceId: string; upto: number }, never>((db, slot) =>
  db.deleteFrom('acks').where('device_id', '=', slot('deviceId')).where('seq', '<=', slot('upto')),
);
