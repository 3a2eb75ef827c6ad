// What sessions need from the tables.
import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import type { CommittedMessage } from './hub.ts';
import type { ReadRequest } from './delivery-window.ts';

const KEYS_PER_STATEMENT = 500;

export interface PendingRow {
  readonly envelopeId: EnvelopeId;
  readonly seq: number;
  readonly envelope: string;
  readonly entry: string;
}

/** Unacknowledged deliveries of a device, ascending. */
export async function readPending(
  db: Kysely<ServerSchema>,
  { deviceId, after, except, limit }: ReadRequest & { readonly deviceId: DeviceId },
): Promise<readonly PendingRow[]> {
  let query = db
    .selectFrom('deliveries')
    .innerJoin('messages', 'messages.envelope_id', 'deliveries.envelope_id')
    .where('deliveries.device_id', '=', deviceId)
    .where('deliveries.acked_at', 'is', null)
    .where('deliveries.seq', '>', after)
    .orderBy('deliveries.seq')
    .limit(limit)
    .select(['deliveries.envelope_id', 'deliveries.seq', 'deliveries.entry', 'messages.envelope']);
  if (except.length > 0) query = query.where('deliveries.envelope_id', 'not in', except);
  const rows = await query.execute();
  return rows.map(toPendingRow);
}

/** Which of these the device has not acknowledged. */
export async function findUnacked(
  db: Kysely<ServerSchema>,
  { deviceId, envelopeIds }: { readonly deviceId: DeviceId; readonly envelopeIds: readonly EnvelopeId[] },
): Promise<ReadonlySet<EnvelopeId>> {
  const rows = await db
    .selectFrom('deliveries')
    .where('device_id', '=', deviceId)
    .where('envelope_id', 'in', envelopeIds)
    .where('acked_at', 'is', null)
    .select('envelope_id')
    .execute();
  return new Set(rows.map((row) => row.envelope_id as EnvelopeId));
}

export async function hasPending(db: Kysely<ServerSchema>, deviceId: DeviceId): Promise<boolean> {
  const row = await db
    .selectFrom('deliveries')
    .where('device_id', '=', deviceId)
    .where('acked_at', 'is', null)
    .select('seq')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of the devices that may not have a socket: revoked, unknown, or of an identity that is not active. */
export async function findBarred(
  db: Kysely<ServerSchema>,
  { deviceIds, now }: { readonly deviceIds: readonly DeviceId[]; readonly now: number },
): Promise<readonly DeviceId[]> {
  const allowed = new Set<string>();
  for (let at = 0; at < deviceIds.length; at += KEYS_PER_STATEMENT) {
    const rows = await db
      .selectFrom('devices')
      .innerJoin('identities', 'identities.root_public_key', 'devices.root_public_key')
      .where('devices.device_id', 'in', deviceIds.slice(at, at + KEYS_PER_STATEMENT))
      .where('identities.state', '=', 'active')
      .where(({ eb, or }) => or([eb('devices.revoked_from', 'is', null), eb('devices.revoked_from', '>', now)]))
      .select('devices.device_id')
      .execute();
    for (const { device_id } of rows) allowed.add(device_id);
  }
  return deviceIds.filter((deviceId) => !allowed.has(deviceId));
}

/** A message that another node committed, with the entries of devices that have sockets here. */
export async function loadMessage(
  db: Kysely<ServerSchema>,
  { envelopeId, deviceIds }: { readonly envelopeId: EnvelopeId; readonly deviceIds: readonly DeviceId[] },
): Promise<CommittedMessage | undefined> {
  const message = await db
    .selectFrom('messages')
    .where('envelope_id', '=', envelopeId)
    .select(['envelope', 'seq'])
    .executeTakeFirst();
  if (message === undefined) return undefined;
  const rows = await db
    .selectFrom('deliveries')
    .where('envelope_id', '=', envelopeId)
    .where('device_id', 'in', deviceIds)
    .where('acked_at', 'is', null)
    .select(['device_id', 'entry'])
    .execute();
  const deliveries = rows.map((row) => ({ deviceId: row.device_id as DeviceId, entry: row.entry ?? '' }));
  return { envelopeId, seq: message.seq, envelope: message.envelope, deliveries };
}

/** The highest number that a message was given. */
export async function readLastSeq(db: Kysely<ServerSchema>): Promise<number> {
  const row = await db.selectFrom('counters').where('name', '=', 'messages').select('value').executeTakeFirst();
  return row?.value ?? 0;
}

/** Those of the numbers that belong to a message with deliveries: others are not announced. */
export async function findDeliveredSeqs(
  db: Kysely<ServerSchema>,
  seqs: readonly number[],
): Promise<ReadonlySet<number>> {
  const rows = await db
    .selectFrom('messages')
    .where('messages.seq', 'in', seqs)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('deliveries').whereRef('deliveries.envelope_id', '=', 'messages.envelope_id').select('device_id'),
      ),
    )
    .select('messages.seq')
    .execute();
  return new Set(rows.map(({ seq }) => seq));
}

export async function findEventObject(db: Kysely<ServerSchema>, eventId: string): Promise<string | undefined> {
  const row = await db.selectFrom('events').where('event_id', '=', eventId).select('object').executeTakeFirst();
  return row?.object;
}

export function findCertEntry(db: Kysely<ServerSchema>, seq: number) {
  return db.selectFrom('cert_log').where('seq', '=', seq).select(['seq', 'kind', 'slug', 'cert']).executeTakeFirst();
}

interface DeliveryColumns {
  readonly envelope_id: string;
  readonly seq: number;
  readonly entry: string | null;
  readonly envelope: string;
}

/** The tables hold only what was checked when it came. */
function toPendingRow({ envelope_id, seq, entry, envelope }: DeliveryColumns): PendingRow {
  return { envelopeId: envelope_id as EnvelopeId, seq, envelope, entry: entry ?? '' };
}
