// How messages wait for devices: not a row per device, but one posting per message and the set of devices that it is for.
// A channel's messages go to the same set again and again. What a device has not acknowledged: `pending-store.ts`.
// spec: wire-protocol 9.22, 10.6
import { createHash } from 'node:crypto';
import type { DeviceId, EnvelopeId, Slug } from '@puffo/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import { nextSeq } from '../db/next-seq.ts';
import { prepareOneRowQuery, prepareQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';
import { joinEntries } from './posting-entries.ts';

/** A device that gets a message, and the JSON text of its entry. */
export interface NewDelivery {
  readonly deviceId: DeviceId;
  readonly entry: string;
}

export interface NewPosting {
  /** From `nextSeq`, in this transaction: its lock also keeps the set from being deleted meanwhile. */
  readonly seq: number;
  readonly envelopeId: EnvelopeId;
  /** At least one, each device once and none that got the message before. */
  readonly deliveries: readonly NewDelivery[];
}

const ROWS_PER_STATEMENT = 100;

export async function insertPosting(
  transaction: Transaction<ServerSchema>,
  { seq, envelopeId, deliveries }: NewPosting,
): Promise<void> {
  const setId = setIdOf(deliveries);
  const row = { seq, envelopeId, setId, ...joinEntries(deliveries.map(({ entry }) => entry)) };
  if ((await insertForKnownSet(transaction, row)).numAffectedRows === 1n) return;
  for (let at = 0; at < deliveries.length; at += ROWS_PER_STATEMENT) {
    const slice = deliveries.slice(at, at + ROWS_PER_STATEMENT);
    const rows = slice.map(({ deviceId }, index) => ({ set_id: setId, device_id: deviceId, place: at + index }));
    await transaction.insertInto('recipient_sets').values(rows).execute();
  }
  await insertForKnownSet(transaction, row);
}

/** Two lists with one id would hand messages to the wrong devices, so it is a whole hash. */
function setIdOf(deliveries: readonly NewDelivery[]): string {
  const text = deliveries.map(({ deviceId }) => deviceId).join(' ');
  return createHash('sha256').update(text).digest('base64url');
}

interface PostingRow {
  readonly seq: number;
  readonly envelopeId: string;
  readonly setId: string;
  readonly entries: string;
  readonly entryLength: number;
}

const insertForKnownSet = prepareQuery<PostingRow, never>((db, slot) =>
  db
    .insertInto('postings')
    .expression(
      db
        .selectFrom('recipient_sets')
        .where('set_id', '=', slot('setId'))
        .limit(1)
        .select([
          sql<number>`cast(${slot('seq')} as bigint)`.as('seq'),
          sql<string>`cast(${slot('envelopeId')} as text)`.as('envelope_id'),
          'set_id',
          sql<string>`cast(${slot('entries')} as text)`.as('entries'),
          sql<number>`cast(${slot('entryLength')} as bigint)`.as('entry_length'),
        ]),
    )
    .columns(['seq', 'envelope_id', 'set_id', 'entries', 'entry_length']),
);

/** All that a message was posted to. */
export async function listPostedDevices(
  db: Kysely<ServerSchema>,
  envelopeId: EnvelopeId,
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('postings')
    .innerJoin('recipient_sets', 'recipient_sets.set_id', 'postings.set_id')
    .where('postings.envelope_id', '=', envelopeId)
    .select('recipient_sets.device_id')
    .execute();
  return new Set(rows.map((row) => row.device_id));
}

/** Those of the messages that were posted to a device of `slug`. */
export async function findPostedTo(
  db: Kysely<ServerSchema>,
  { slug, envelopeIds }: { readonly slug: Slug; readonly envelopeIds: readonly EnvelopeId[] },
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('postings')
    .where('envelope_id', 'in', envelopeIds)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('devices')
          .innerJoin('recipient_sets', 'recipient_sets.device_id', 'devices.device_id')
          .whereRef('recipient_sets.set_id', '=', 'postings.set_id')
          .where('devices.slug', '=', slug)
          .select('devices.device_id'),
      ),
    )
    .select('envelope_id')
    .execute();
  return new Set(rows.map((row) => row.envelope_id));
}

/** Those of the numbers that belong to a posting. */
export async function findPostedSeqs(db: Kysely<ServerSchema>, seqs: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await db.selectFrom('postings').where('seq', 'in', seqs).select('seq').execute();
  return new Set(rows.map(({ seq }) => seq));
}

/** With the acknowledgements of it, and the sets that nothing else goes to. */
export async function deletePostings(
  transaction: Transaction<ServerSchema>,
  envelopeIds: readonly string[],
): Promise<void> {
  // Takes no number, but the lock: nothing is posted to a set while it is deleted.
  await nextSeq(transaction, 'messages', 0);
  const postings = transaction.selectFrom('postings').where('envelope_id', 'in', envelopeIds);
  await transaction.deleteFrom('acks').where('seq', 'in', postings.select('seq')).execute();
  const setIds = (await postings.select('set_id').distinct().execute()).map((row) => row.set_id);
  await transaction.deleteFrom('postings').where('envelope_id', 'in', envelopeIds).execute();
  if (setIds.length === 0) return;
  await transaction
    .deleteFrom('recipient_sets')
    .where('set_id', 'in', setIds)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('postings').whereRef('postings.set_id', '=', 'recipient_sets.set_id').select('seq'))),
    )
    .execute();
}

/** The highest number that was given. Whatever has it or a lower one is committed, and visible to the next statement. */
export async function readLastSeq(db: Kysely<ServerSchema>): Promise<number> {
  const { rows } = await readCounter(db, {});
  return rows[0]?.value ?? 0;
}

const readCounter = prepareOneRowQuery<Record<never, never>, { value: number }>((db) =>
  db.selectFrom('counters').where('name', '=', 'messages').select('value'),
);
