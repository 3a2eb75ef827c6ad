// Enrolments of further devices, each for a quarter of an hour. spec: wire-protocol 4.12
import type { EnrolmentBundle } from '@puffo/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';

const ENROLMENT_LIFETIME_MS = 15 * 60_000;
/** A bundle is below 3000 characters without a profile. */
const MAX_BUNDLE_CHARACTERS = 64 * 1024;

export type EnrolmentRow = Selectable<ServerSchema['enrolments']>;

export interface NewEnrolment {
  readonly nonce: string;
  readonly device_signing_public_key: string;
  readonly device_kem_public_key: string;
  readonly fingerprint: string;
}

/** Whether the nonce was free. */
export async function insertEnrolment(
  transaction: Transaction<ServerSchema>,
  { enrolment, now }: { readonly enrolment: NewEnrolment; readonly now: number },
): Promise<boolean> {
  const { nonce, device_signing_public_key, device_kem_public_key, fingerprint } = enrolment;
  await transaction.deleteFrom('enrolments').where('nonce', '=', nonce).where('expires_at', '<=', now).execute();
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('enrolments')
    .values({
      nonce,
      device_signing_public_key,
      device_kem_public_key,
      fingerprint,
      bundle: null,
      expires_at: now + ENROLMENT_LIFETIME_MS,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** One that goes on. Fails with NOT_FOUND, or GONE after its time. */
export async function getEnrolmentRow(
  db: Kysely<ServerSchema>,
  { nonce, now }: { readonly nonce: string; readonly now: number },
): Promise<EnrolmentRow> {
  const row = await db.selectFrom('enrolments').where('nonce', '=', nonce).selectAll().executeTakeFirst();
  if (row === undefined) throw new ServerError('NOT_FOUND', 'There is no such enrolment');
  if (row.expires_at <= now) throw new ServerError('GONE', 'The enrolment expired; begin again on the new device');
  return row;
}

/** Whether this call completed it. */
export async function completeEnrolmentRow(
  transaction: Transaction<ServerSchema>,
  { nonce, bundle }: { readonly nonce: string; readonly bundle: string },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('enrolments')
    .set({ bundle })
    .where('nonce', '=', nonce)
    .where('bundle', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export function encodeBundle(bundle: EnrolmentBundle): string {
  const text = JSON.stringify(bundle);
  if (text.length <= MAX_BUNDLE_CHARACTERS) return text;
  throw new ServerError('INVALID_PAYLOAD', `Cannot enrol device: the bundle has ${text.length} characters`);
}
