// What sessions need from the tables.
import type { DeviceId } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { readPosting } from '../messages/pending-store.ts';
import type { CommittedMessage } from './hub.ts';

const KEYS_PER_STATEMENT = 500;

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
  { seq, deviceIds }: { readonly seq: number; readonly deviceIds: readonly DeviceId[] },
): Promise<CommittedMessage | undefined> {
  const deliveries = await readPosting(db, { seq, deviceIds });
  const [first] = deliveries;
  return first === undefined ? undefined : { envelopeId: first.envelopeId, seq, envelope: first.envelope, deliveries };
}

export async function findEventObject(db: Kysely<ServerSchema>, eventId: string): Promise<string | undefined> {
  const row = await db.selectFrom('events').where('event_id', '=', eventId).select('object').executeTakeFirst();
  return row?.object;
}

export function findCertEntry(db: Kysely<ServerSchema>, seq: number) {
  return db.selectFrom('cert_log').where('seq', '=', seq).select(['seq', 'kind', 'slug', 'cert']).executeTakeFirst();
}
