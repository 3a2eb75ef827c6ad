import type { DeviceCert, DeviceId, Slug } from '@puffo/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';

export type DeviceRow = Selectable<ServerSchema['devices']>;

export function findDevice(db: Kysely<ServerSchema>, deviceId: string): Promise<DeviceRow | undefined> {
  return db.selectFrom('devices').where('device_id', '=', deviceId).selectAll().executeTakeFirst();
}

/** The first device of an identity: the one it was registered with. */
export function findFirstDevice(db: Kysely<ServerSchema>, slug: Slug): Promise<DeviceRow | undefined> {
  return db
    .selectFrom('devices')
    .where('slug', '=', slug)
    .selectAll()
    .orderBy('registered_at')
    .orderBy('device_id')
    .executeTakeFirst();
}

/** How many devices of an identity may act at `at`. */
export async function countLiveDevices(
  db: Kysely<ServerSchema>,
  { slug, at }: { readonly slug: Slug; readonly at: number },
): Promise<number> {
  const { count } = await db
    .selectFrom('devices')
    .where('slug', '=', slug)
    .where((is) => is.or([is('revoked_from', 'is', null), is('revoked_from', '>', at)]))
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', at)]))
    .select((is) => is.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Whether it is new: a signing key belongs to one identity. */
export async function insertDevice(
  transaction: Transaction<ServerSchema>,
  { slug, cert, at }: { readonly slug: Slug; readonly cert: DeviceCert; readonly at: number },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('devices')
    .values({
      device_id: cert.deviceId,
      root_public_key: cert.rootKey.publicKey,
      slug,
      signing_public_key: cert.signingKey.publicKey,
      expires_at: cert.expiresAt,
      revoked_from: null,
      registered_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Whether the device ends earlier than before. */
export async function endDevice(
  transaction: Transaction<ServerSchema>,
  { deviceId, from }: { readonly deviceId: DeviceId; readonly from: number },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('devices')
    .set({ revoked_from: from })
    .where('device_id', '=', deviceId)
    .where((is) => is.or([is('revoked_from', 'is', null), is('revoked_from', '>', from)]))
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** All devices of an identity, as `endDevice`. */
export async function endDevicesOf(
  transaction: Transaction<ServerSchema>,
  { slug, from }: { readonly slug: Slug; readonly from: number },
): Promise<void> {
  await transaction
    .updateTable('devices')
    .set({ revoked_from: from })
    .where('slug', '=', slug)
    .where((is) => is.or([is('revoked_from', 'is', null), is('revoked_from', '>', from)]))
    .execute();
}
