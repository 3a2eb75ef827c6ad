// Acknowledgements in the tables: a row for each, and a number per device below which everything is acknowledged. Rows are
// written at once for many devices; from time to time those of a device become part of its number.
import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import { prepareOneRowQuery, prepareQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';
import { findLowestPending, findLowestPosting } from './pending-store.ts';
import { readLastSeq } from './posting-store.ts';

/** Those that are left over go one by one. */
const ROWS_PER_STATEMENT = 20;

export interface AckRow {
  readonly deviceId: DeviceId;
  readonly seq: number;
}

/** Rows that are there already are passed over. */
export async function insertAcks(transaction: Transaction<ServerSchema>, acks: readonly AckRow[]): Promise<void> {
  let at = 0;
  for (; at + ROWS_PER_STATEMENT <= acks.length; at += ROWS_PER_STATEMENT) {
    await insertRows(transaction, argsOf(acks.slice(at, at + ROWS_PER_STATEMENT)));
  }
  for (const ack of acks.slice(at)) await insertRow(transaction, argsOf([ack]));
}

type InsertArgs = Readonly<Record<`device${number}`, string> & Record<`seq${number}`, number>>;

function argsOf(acks: readonly AckRow[]): InsertArgs {
  const args: Record<string, string | number> = {};
  for (const [index, { deviceId, seq }] of acks.entries()) {
    args[`device${index}`] = deviceId;
    args[`seq${index}`] = seq;
  }
  return args as InsertArgs;
}

const insertRow = prepareInsert(1);
const insertRows = prepareInsert(ROWS_PER_STATEMENT);

function prepareInsert(count: number) {
  return prepareQuery<InsertArgs, never>((db, slot) =>
    db
      .insertInto('acks')
      .values(
        Array.from({ length: count }, (_, index) => ({ device_id: slot(`device${index}`), seq: slot(`seq${index}`) })),
      )
      .onConflict((conflict) => conflict.doNothing()),
  );
}

/** Raises the device's number as far as it goes: numbers are committed in their order, so what is below stays as it is. */
export async function compactAcks(transaction: Transaction<ServerSchema>, deviceId: DeviceId): Promise<void> {
  const from = await lockAckedUpto(transaction, deviceId);
  const last = await readLastSeq(transaction);
  const lowest = await findLowestPending(transaction, { deviceId, after: from });
  const upto = Math.max(lowest === undefined ? last : lowest - 1, from);
  await raiseAckedUpto(transaction, { deviceId, upto });
  await forgetAcks(transaction, { deviceId, from, upto });
}

/** Whether compacting would raise the number: the lowest posting above it is acknowledged. */
export async function canCompact(db: Kysely<ServerSchema>, deviceId: DeviceId): Promise<boolean> {
  const seq = await findLowestPosting(db, deviceId);
  return seq !== undefined && (await findAck(db, { deviceId, seq })).rows.length > 0;
}

const findAck = prepareOneRowQuery<{ deviceId: string; seq: number }, { seq: number }>((db, slot) =>
  db.selectFrom('acks').where('seq', '=', slot('seq')).where('device_id', '=', slot('deviceId')).select('seq'),
);

/** What `acked_upto` is. Until the transaction ends, nobody else changes it. */
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

const raiseAckedUpto = prepareQuery<{ deviceId: string; upto: number }, never>((db, slot) =>
  db
    .updateTable('devices')
    .set({ acked_upto: slot('upto') })
    .where('device_id', '=', slot('deviceId')),
);

/** By what was posted to it: rows are kept by message, so that one message's acknowledgements are written side by side. */
const forgetAcks = prepareQuery<{ deviceId: string; from: number; upto: number }, never>((db, slot) =>
  db
    .deleteFrom('acks')
    .where('device_id', '=', slot('deviceId'))
    .where('seq', 'in', ({ selectFrom }) =>
      selectFrom('recipient_sets')
        .innerJoin('postings', 'postings.set_id', 'recipient_sets.set_id')
        .where('recipient_sets.device_id', '=', slot('deviceId'))
        .where('postings.seq', '>', slot('from'))
        .where('postings.seq', '<=', slot('upto'))
        .select('postings.seq'),
    ),
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
