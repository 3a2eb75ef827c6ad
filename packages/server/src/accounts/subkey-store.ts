import type { DeviceId, Slug, SubkeyCert } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { encodeStored } from './stored-json.ts';

/** A subkey with an end, as every registered one has. */
export type EndingSubkeyCert = SubkeyCert & { readonly expiresAt: number };

/** The table holds what may sign; the log keeps what signed once. */
export async function forgetExpiredSubkeys(
  transaction: Transaction<ServerSchema>,
  { deviceId, at }: { readonly deviceId: DeviceId; readonly at: number },
): Promise<void> {
  await transaction.deleteFrom('subkeys').where('device_id', '=', deviceId).where('expires_at', '<=', at).execute();
}

/** How many subkeys of a device are live at `at`, and when the first of them ends. */
export async function countLiveSubkeys(
  db: Kysely<ServerSchema>,
  { deviceId, at }: { readonly deviceId: DeviceId; readonly at: number },
): Promise<{ readonly count: number; readonly firstEnd: number }> {
  const { count, first } = await db
    .selectFrom('subkeys')
    .where('device_id', '=', deviceId)
    .where('expires_at', '>', at)
    .select((is) => [is.fn.countAll<number>().as('count'), is.fn.min('expires_at').as('first')])
    .executeTakeFirstOrThrow();
  return { count: Number(count), firstEnd: Number(first ?? at) };
}

/** Whether it is new. */
export async function insertSubkey(
  transaction: Transaction<ServerSchema>,
  { slug, cert }: { readonly slug: Slug; readonly cert: EndingSubkeyCert },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('subkeys')
    .values({
      subkey_id: cert.subkeyId,
      device_id: cert.deviceId,
      slug,
      public_key: cert.key.publicKey,
      issued_at: cert.issuedAt,
      expires_at: cert.expiresAt,
      cert: encodeStored(cert.object, 'subkey_cert'),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
