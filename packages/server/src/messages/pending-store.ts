// What a device has not acknowledged: the postings to its sets above `devices.acked_upto`, except those in `acks`. A set
// never gets another device, so what was posted before a device existed is not for it. spec: wire-protocol 10.6
import type { DeviceId, EnvelopeId, Slug } from '@puffo/protocol';
import { type ExpressionBuilder, type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { prepareOneRowQuery, prepareQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';
import { cutEntry } from './posting-entries.ts';
import { readLastSeq } from './posting-store.ts';

export interface PendingFilter {
  readonly kind?: 'channel' | 'dm' | undefined;
  readonly sender?: Slug | undefined;
}

export interface PendingRow {
  readonly envelopeId: EnvelopeId;
  readonly seq: number;
  /** JSON text of the envelope with an empty `recipients`. */
  readonly envelope: string;
  /** JSON text of the device's entry. */
  readonly entry: string;
  /** What was read to find it. */
  readonly characters: number;
}

export interface PageQuestion {
  readonly deviceId: DeviceId;
  readonly after: number;
  readonly until?: number;
  readonly except?: readonly EnvelopeId[];
  readonly filter?: PendingFilter;
  readonly limit: number;
}

/** Rows that a page looks at for each that it returns; where a device gets few of all messages, more and more. */
const SPAN_PER_ROW = 4;
const SPAN_GROWTH = 8;

/** Ascending. Begins at the lowest, because sorting everything that is pending would be done again for each page. */
export async function readPending(db: Kysely<ServerSchema>, question: PageQuestion): Promise<readonly PendingRow[]> {
  const { deviceId, except = [], filter: { kind = null, sender = null } = {}, limit } = question;
  const until = question.until ?? (await readLastSeq(db));
  const lowest = await findLowestPending(db, { deviceId, after: question.after });
  if (lowest === undefined) return [];
  const excluded = new Set(except);
  const wanted = limit + excluded.size;
  for (let span = wanted * SPAN_PER_ROW; ; span *= SPAN_GROWTH) {
    const end = Math.min(lowest + span, until);
    const found = await findPage(db, { deviceId, kind, sender, after: lowest - 1, until: end, limit: wanted });
    const rows = found.rows.map(toPendingRow).filter(({ envelopeId }) => !excluded.has(envelopeId));
    if (rows.length >= limit || end === until) return rows.slice(0, limit);
  }
}

interface PageArgs {
  readonly deviceId: string;
  readonly kind: string | null;
  readonly sender: string | null;
  readonly after: number;
  readonly until: number;
  readonly limit: number;
}

const findPage = prepareQuery<PageArgs, FoundText>((db, slot) =>
  withTexts(
    db,
    pendingOf(db)
      .where('recipient_sets.device_id', '=', slot('deviceId'))
      .where('postings.seq', '>', slot('after'))
      .where('postings.seq', '<=', slot('until'))
      .where(({ or, exists, selectFrom, lit }) =>
        or([
          sql<boolean>`(cast(${slot('kind')} as text) is null and cast(${slot('sender')} as text) is null)`,
          exists(
            selectFrom('messages')
              .whereRef('messages.envelope_id', '=', 'postings.envelope_id')
              .where(sql<boolean>`(cast(${slot('kind')} as text) is null or messages.kind = ${slot('kind')})`)
              .where(
                sql<boolean>`(cast(${slot('sender')} as text) is null or messages.sender_slug = ${slot('sender')})`,
              )
              .select(lit(1).as('one')),
          ),
        ]),
      )
      .select(['postings.seq', 'recipient_sets.device_id', 'recipient_sets.place'])
      .orderBy('postings.seq')
      .limit(slot('limit')),
  ),
);

/** One look at each of the device's sets, however much is pending. */
export async function findLowestPending(
  db: Kysely<ServerSchema>,
  { deviceId, after }: { readonly deviceId: DeviceId; readonly after: number },
): Promise<number | undefined> {
  const { rows } = await findLowest(db, { deviceId, after });
  return rows[0]?.lowest ?? undefined;
}

/** The lowest above what the device has acknowledged without a gap, whether it is acknowledged itself or not. */
export async function findLowestPosting(db: Kysely<ServerSchema>, deviceId: DeviceId): Promise<number | undefined> {
  const { rows } = await findLowestAny(db, { deviceId, after: 0 });
  return rows[0]?.lowest ?? undefined;
}

const findLowest = prepareLowest({ isUnackedOnly: true });
const findLowestAny = prepareLowest({ isUnackedOnly: false });

function prepareLowest({ isUnackedOnly }: { readonly isUnackedOnly: boolean }) {
  return prepareOneRowQuery<{ deviceId: string; after: number }, { lowest: number | null }>((db, slot) =>
    db
      .selectFrom('recipient_sets')
      .innerJoin('devices', 'devices.device_id', 'recipient_sets.device_id')
      .where('recipient_sets.device_id', '=', slot('deviceId'))
      .select(({ selectFrom }) => {
        const lowest = selectFrom('postings')
          .whereRef('postings.set_id', '=', 'recipient_sets.set_id')
          .whereRef('postings.seq', '>', 'devices.acked_upto')
          .where('postings.seq', '>', slot('after'))
          .$if(isUnackedOnly, (query) => query.where(isUnacked))
          .orderBy('postings.seq')
          .limit(1)
          .select('postings.seq');
        return sql<number | null>`min(${lowest})`.as('lowest');
      }),
  );
}

/** One posting, for those of the devices that have not acknowledged it. */
export async function readPosting(
  db: Kysely<ServerSchema>,
  { seq, deviceIds }: { readonly seq: number; readonly deviceIds: readonly DeviceId[] },
): Promise<readonly (PendingRow & { readonly deviceId: DeviceId })[]> {
  const found = pendingOf(db)
    .where('recipient_sets.device_id', 'in', deviceIds)
    .where('postings.seq', '=', seq)
    .select(['postings.seq', 'recipient_sets.device_id', 'recipient_sets.place']);
  const rows = await withTexts(db, found).execute();
  return rows.map((row) => ({ ...toPendingRow(row), deviceId: row.device_id as DeviceId }));
}

/** Which of these the device has not acknowledged. */
export async function findUnacked(
  db: Kysely<ServerSchema>,
  { deviceId, envelopeIds }: { readonly deviceId: DeviceId; readonly envelopeIds: readonly EnvelopeId[] },
): Promise<ReadonlySet<EnvelopeId>> {
  const rows = await pendingOf(db)
    .where('recipient_sets.device_id', '=', deviceId)
    .where('postings.envelope_id', 'in', envelopeIds)
    .select('postings.envelope_id')
    .execute();
  return new Set(rows.map((row) => row.envelope_id as EnvelopeId));
}

export async function hasPending(db: Kysely<ServerSchema>, deviceId: DeviceId): Promise<boolean> {
  return (await findLowestPending(db, { deviceId, after: 0 })) !== undefined;
}

/** For all devices. */
export async function countPending(db: Kysely<ServerSchema>): Promise<number> {
  const posted = await db
    .selectFrom('devices')
    .innerJoin('recipient_sets', 'recipient_sets.device_id', 'devices.device_id')
    .innerJoin('postings', 'postings.set_id', 'recipient_sets.set_id')
    .whereRef('postings.seq', '>', 'devices.acked_upto')
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const acked = await db
    .selectFrom('acks')
    .innerJoin('devices', 'devices.device_id', 'acks.device_id')
    .whereRef('acks.seq', '>', 'devices.acked_upto')
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Math.max(Number(posted.count) - Number(acked.count), 0);
}

/** What was not acknowledged is not kept for a device that ended. spec: wire-protocol 15, 23 */
export async function dropPending(
  transaction: Transaction<ServerSchema>,
  target: { readonly deviceId: DeviceId } | { readonly slug: Slug },
): Promise<void> {
  const upto = await readLastSeq(transaction);
  // Acknowledgements below the number mean nothing, and go with their messages.
  const raised = transaction.updateTable('devices').set({ acked_upto: upto }).where('acked_upto', '<', upto);
  if ('deviceId' in target) await raised.where('device_id', '=', target.deviceId).execute();
  else await raised.where('slug', '=', target.slug).execute();
}

function pendingOf(db: Kysely<ServerSchema>) {
  return db
    .selectFrom('recipient_sets')
    .innerJoin('devices', 'devices.device_id', 'recipient_sets.device_id')
    .innerJoin('postings', 'postings.set_id', 'recipient_sets.set_id')
    .whereRef('postings.seq', '>', 'devices.acked_upto')
    .where(isUnacked);
}

function isUnacked({
  not,
  exists,
  selectFrom,
}: ExpressionBuilder<ServerSchema, 'recipient_sets' | 'devices' | 'postings'>) {
  const ack = selectFrom('acks')
    .whereRef('acks.device_id', '=', 'recipient_sets.device_id')
    .whereRef('acks.seq', '=', 'postings.seq')
    .select('acks.seq');
  return not(exists(ack));
}

interface FoundRow {
  seq: number;
  device_id: string;
  place: number;
}

interface FoundText extends FoundRow {
  readonly envelope_id: string;
  readonly entry_length: number;
  readonly envelope: string;
  readonly text: string;
}

/** Texts are read for what was found only, and each entry cut by the database where that is possible. */
function withTexts(
  db: Kysely<ServerSchema>,
  found: Pick<SelectQueryBuilder<ServerSchema, 'postings', FoundRow>, 'as'>,
) {
  return db
    .selectFrom(found.as('found'))
    .innerJoin('postings', 'postings.seq', 'found.seq')
    .innerJoin('messages', 'messages.envelope_id', 'postings.envelope_id')
    .select([
      'found.seq',
      'found.device_id',
      'found.place',
      'postings.envelope_id',
      'postings.entry_length',
      'messages.envelope',
      sql<string>`case when postings.entry_length > 0 then
        substr(postings.entries, cast(found.place * (postings.entry_length + 1) + 1 as integer),
          cast(postings.entry_length as integer))
        else postings.entries end`.as('text'),
    ])
    .orderBy('found.seq');
}

function toPendingRow({ seq, place, envelope_id, entry_length: entryLength, envelope, text }: FoundText): PendingRow {
  const entry = cutEntry({ text, entryLength, place });
  return { seq, envelopeId: envelope_id as EnvelopeId, envelope, entry, characters: envelope.length + text.length };
}
