// What a device has not acknowledged: the postings to its sets above `devices.acked_upto`, except those in `acks`. A set
// never gets another device, so what was posted before a device existed is not for it. spec: wire-protocol 10.6
import type { DeviceId, EnvelopeId, Slug } from '@puffo/protocol';
import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { prepareOneRowQuery } from '../db/prepare-query.ts';
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
  const { deviceId, limit } = question;
  const until = question.until ?? (await readLastSeq(db));
  const lowest = await findLowestPending(db, { deviceId, after: question.after });
  if (lowest === undefined) return [];
  for (let span = limit * SPAN_PER_ROW; ; span *= SPAN_GROWTH) {
    const end = Math.min(lowest + span, until);
    const rows = await readRows(db, findPage(db, { ...question, after: lowest - 1, until: end }));
    if (rows.length >= limit || end === until) return rows.map((row) => row.pending);
  }
}

function findPage(db: Kysely<ServerSchema>, question: PageQuestion & { readonly until: number }) {
  const { deviceId, after, until, except = [], filter: { kind, sender } = {}, limit } = question;
  return pendingOf(db, [deviceId])
    .where('postings.seq', '>', after)
    .where('postings.seq', '<=', until)
    .$if(except.length > 0, (query) => query.where('postings.envelope_id', 'not in', except))
    .$if(kind !== undefined || sender !== undefined, (query) =>
      query.where(({ exists, selectFrom }) =>
        exists(
          selectFrom('messages')
            .whereRef('messages.envelope_id', '=', 'postings.envelope_id')
            .$if(kind !== undefined, (messages) => messages.where('messages.kind', '=', kind ?? 'dm'))
            .$if(sender !== undefined, (messages) => messages.where('messages.sender_slug', '=', sender ?? ''))
            .select('messages.seq'),
        ),
      ),
    )
    .select(['postings.seq', 'recipient_sets.device_id', 'recipient_sets.place'])
    .orderBy('postings.seq')
    .limit(limit);
}

export interface LowestQuestion {
  readonly deviceId: DeviceId;
  readonly after: number;
  /** Numbers that do not count: they are about to be acknowledged. */
  readonly except?: readonly number[];
}

/** One look at each of the device's sets, however much is pending. */
export async function findLowestPending(
  db: Kysely<ServerSchema>,
  { deviceId, after, except = [] }: LowestQuestion,
): Promise<number | undefined> {
  const [seq = 0] = except;
  if (except.length <= 1) {
    const { rows } = await findLowestBut(db, { deviceId, after, seq });
    return rows[0]?.lowest ?? undefined;
  }
  const { lowest } = await lowestOf(db, { deviceId, after, except }).executeTakeFirstOrThrow();
  return lowest ?? undefined;
}

const findLowestBut = prepareOneRowQuery<{ deviceId: string; after: number; seq: number }, { lowest: number | null }>(
  (db, slot) => lowestOf(db, { deviceId: slot('deviceId'), after: slot('after'), except: [slot('seq')] }),
);

function lowestOf(
  db: Kysely<ServerSchema>,
  { deviceId, after, except }: { deviceId: string; after: number; except: readonly number[] },
) {
  return db
    .selectFrom('recipient_sets')
    .innerJoin('devices', 'devices.device_id', 'recipient_sets.device_id')
    .where('recipient_sets.device_id', '=', deviceId)
    .select(({ selectFrom }) => {
      const lowest = selectFrom('postings')
        .whereRef('postings.set_id', '=', 'recipient_sets.set_id')
        .whereRef('postings.seq', '>', 'devices.acked_upto')
        .where('postings.seq', '>', after)
        .where('postings.seq', 'not in', except)
        .where((is) =>
          is.not(
            is.exists(
              is
                .selectFrom('acks')
                .whereRef('acks.device_id', '=', 'recipient_sets.device_id')
                .whereRef('acks.seq', '=', 'postings.seq')
                .select('acks.seq'),
            ),
          ),
        )
        .orderBy('postings.seq')
        .limit(1)
        .select('postings.seq');
      return sql<number | null>`min(${lowest})`.as('lowest');
    });
}

/** One posting, for those of the devices that have not acknowledged it. */
export async function readPosting(
  db: Kysely<ServerSchema>,
  { seq, deviceIds }: { readonly seq: number; readonly deviceIds: readonly DeviceId[] },
): Promise<readonly (PendingRow & { readonly deviceId: DeviceId })[]> {
  const found = pendingOf(db, deviceIds)
    .where('postings.seq', '=', seq)
    .select(['postings.seq', 'recipient_sets.device_id', 'recipient_sets.place']);
  return (await readRows(db, found)).map(({ pending, deviceId }) => ({ ...pending, deviceId }));
}

/** Which of these the device has not acknowledged. */
export async function findUnacked(
  db: Kysely<ServerSchema>,
  { deviceId, envelopeIds }: { readonly deviceId: DeviceId; readonly envelopeIds: readonly EnvelopeId[] },
): Promise<ReadonlySet<EnvelopeId>> {
  const rows = await pendingOf(db, [deviceId])
    .where('postings.envelope_id', 'in', envelopeIds)
    .select('postings.envelope_id')
    .execute();
  return new Set(rows.map((row) => row.envelope_id as EnvelopeId));
}

export async function hasPending(db: Kysely<ServerSchema>, deviceId: DeviceId): Promise<boolean> {
  return (await findLowestPending(db, { deviceId, after: 0 })) !== undefined;
}

/** For all devices. What is in `acks` lies above the device's `acked_upto`. */
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
  const raised = transaction.updateTable('devices').set({ acked_upto: upto }).where('acked_upto', '<', upto);
  if ('deviceId' in target) {
    await raised.where('device_id', '=', target.deviceId).execute();
    await transaction.deleteFrom('acks').where('device_id', '=', target.deviceId).execute();
    return;
  }
  await raised.where('slug', '=', target.slug).execute();
  const devices = transaction.selectFrom('devices').where('slug', '=', target.slug).select('device_id');
  await transaction.deleteFrom('acks').where('device_id', 'in', devices).execute();
}

function pendingOf(db: Kysely<ServerSchema>, deviceIds: readonly DeviceId[]) {
  return db
    .selectFrom('recipient_sets')
    .innerJoin('devices', 'devices.device_id', 'recipient_sets.device_id')
    .innerJoin('postings', 'postings.set_id', 'recipient_sets.set_id')
    .where('recipient_sets.device_id', 'in', deviceIds)
    .whereRef('postings.seq', '>', 'devices.acked_upto')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('acks')
            .whereRef('acks.device_id', '=', 'recipient_sets.device_id')
            .whereRef('acks.seq', '=', 'postings.seq')
            .select('acks.seq'),
        ),
      ),
    );
}

type Found = Pick<SelectQueryBuilder<ServerSchema, 'postings', FoundRow>, 'as'>;

interface FoundRow {
  seq: number;
  device_id: string;
  place: number;
}

/** Texts are read for what was found only, and each entry cut by the database where that is possible. */
async function readRows(db: Kysely<ServerSchema>, found: Found) {
  const rows = await db
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
    .orderBy('found.seq')
    .execute();
  return rows.map(({ seq, device_id, place, envelope_id, entry_length: entryLength, envelope, text }) => {
    const entry = cutEntry({ text, entryLength, place });
    const characters = envelope.length + text.length;
    const pending: PendingRow = { seq, envelopeId: envelope_id as EnvelopeId, envelope, entry, characters };
    return { pending, deviceId: device_id as DeviceId };
  });
}
