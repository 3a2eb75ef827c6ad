// Registrations that wait for their slug binding: they hold a slug, a root and a device for a day.
// spec: wire-protocol 4.10
import type { Random } from '@puffo/base';
import type { Slug } from '@puffo/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { drawSlug } from './draw-slug.ts';
import { hashToken } from './pending-token.ts';
import type { Registration } from './registration.ts';
import { encodeStored } from './stored-json.ts';

/** spec: wire-protocol 13.3 */
export const PENDING_LIFETIME_MS = 24 * 60 * 60_000;
/** Of 65536 suffixes; a name whose slugs are nearly all taken is as good as taken. */
const MAX_DRAWS = 64;

export type PendingRow = Selectable<ServerSchema['pending_registrations']>;

export interface NewPending {
  readonly registration: Registration;
  readonly operatorSlug: Slug | null;
  readonly displayName: string | null;
  readonly avatarUrl: string | null;
  readonly inviteCode: string | null;
  readonly createToken: (slug: Slug) => string;
  readonly random: Random;
  readonly now: number;
}

export interface Reservation {
  readonly slug: Slug;
  readonly token: string;
}

/** Draws a slug that nobody has or waits for, and holds it. The root and the device must not be held by others. */
export async function reserveSlug(transaction: Transaction<ServerSchema>, pending: NewPending): Promise<Reservation> {
  const { registration, createToken, random, now } = pending;
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const slug = drawSlug(random, registration.username);
    if (await isSlugHeld(transaction, { slug, now })) continue;
    const token = createToken(slug);
    if (await insertPending(transaction, { pending, slug, token })) return { slug, token };
    if (await findHolder(transaction, registration)) throw alreadyHeld();
  }
  throw new ServerError('CONFLICT', 'Cannot register: too many others have this name; choose another', {
    field: 'username',
  });
}

export function findPendingByToken(db: Kysely<ServerSchema>, token: string): Promise<PendingRow | undefined> {
  return db
    .selectFrom('pending_registrations')
    .where('token_hash', '=', hashToken(token))
    .selectAll()
    .executeTakeFirst();
}

/** One that is neither finished nor expired. */
export function findOpenPending(
  db: Kysely<ServerSchema>,
  { rootPublicKey, now }: { readonly rootPublicKey: string; readonly now: number },
): Promise<PendingRow | undefined> {
  return db
    .selectFrom('pending_registrations')
    .where('root_public_key', '=', rootPublicKey)
    .where('slug_binding', 'is', null)
    .where('expires_at', '>', now)
    .selectAll()
    .executeTakeFirst();
}

/** What expired holds nothing any more. */
export async function releaseExpired(
  transaction: Transaction<ServerSchema>,
  { registration, now }: { readonly registration: Registration; readonly now: number },
): Promise<void> {
  await transaction
    .deleteFrom('pending_registrations')
    .where('slug_binding', 'is', null)
    .where('expires_at', '<=', now)
    .where((is) =>
      is.or([
        is('root_public_key', '=', registration.identity.rootKey.publicKey),
        is('device_id', '=', registration.device.deviceId),
      ]),
    )
    .execute();
}

export async function replaceToken(
  transaction: Transaction<ServerSchema>,
  { row, token }: { readonly row: PendingRow; readonly token: string },
): Promise<void> {
  await transaction
    .updateTable('pending_registrations')
    .set({ token_hash: hashToken(token) })
    .where('token_hash', '=', row.token_hash)
    .execute();
}

/** Whether this call finished it; another may have been faster. */
export async function finishPending(
  transaction: Transaction<ServerSchema>,
  { row, binding }: { readonly row: PendingRow; readonly binding: string },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('pending_registrations')
    .set({ slug_binding: binding })
    .where('token_hash', '=', row.token_hash)
    .where('slug_binding', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

async function isSlugHeld(
  transaction: Transaction<ServerSchema>,
  { slug, now }: { readonly slug: Slug; readonly now: number },
): Promise<boolean> {
  const identity = await transaction
    .selectFrom('identities')
    .where('slug', '=', slug)
    .select('slug')
    .executeTakeFirst();
  if (identity !== undefined) return true;
  // spec: wire-protocol 15, 22: a slug that nobody bound in time is free again.
  await transaction
    .deleteFrom('pending_registrations')
    .where('slug', '=', slug)
    .where('slug_binding', 'is', null)
    .where('expires_at', '<=', now)
    .execute();
  const pending = await transaction
    .selectFrom('pending_registrations')
    .where('slug', '=', slug)
    .select('slug')
    .executeTakeFirst();
  return pending !== undefined;
}

async function insertPending(
  transaction: Transaction<ServerSchema>,
  { pending, slug, token }: { readonly pending: NewPending; readonly slug: Slug; readonly token: string },
): Promise<boolean> {
  const { registration, operatorSlug, displayName, avatarUrl, inviteCode, now } = pending;
  const { username, identity, device, attestation } = registration;
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('pending_registrations')
    .values({
      token_hash: hashToken(token),
      slug,
      username,
      root_public_key: identity.rootKey.publicKey,
      device_id: device.deviceId,
      identity_type: identity.identityType,
      operator_slug: operatorSlug,
      identity_cert: encodeStored(identity.object, 'identity_cert'),
      device_cert: encodeStored(device.object, 'device_cert'),
      attestation: attestation === undefined ? null : encodeStored(attestation.object, 'attestation'),
      display_name: displayName,
      avatar_url: avatarUrl,
      invite_code: inviteCode,
      expires_at: now + PENDING_LIFETIME_MS,
      slug_binding: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

async function findHolder(
  transaction: Transaction<ServerSchema>,
  { identity, device }: Registration,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('pending_registrations')
    .where((is) =>
      is.or([is('root_public_key', '=', identity.rootKey.publicKey), is('device_id', '=', device.deviceId)]),
    )
    .select('slug')
    .executeTakeFirst();
  return row !== undefined;
}

export function alreadyHeld(): ServerError {
  return new ServerError('CONFLICT', 'Cannot register: this root key or device is registered already');
}
