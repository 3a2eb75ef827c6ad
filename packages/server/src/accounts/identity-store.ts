import type { Slug } from '@puffo/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';

export interface Identity {
  readonly slug: Slug;
  readonly rootPublicKey: string;
  readonly identityType: 'human' | 'agent';
  /** Of an agent. */
  readonly operatorRootPublicKey: string | null;
  readonly state: 'active' | 'revoked' | 'disabled';
}

/** Whatever its state; `undefined`: nobody was ever registered under this slug. */
export async function findIdentity(db: Kysely<ServerSchema>, slug: string): Promise<Identity | undefined> {
  const row = await db.selectFrom('identities').where('slug', '=', slug).selectAll().executeTakeFirst();
  return row === undefined ? undefined : toIdentity(row);
}

export async function findIdentityByRoot(db: Kysely<ServerSchema>, root: string): Promise<Identity | undefined> {
  const row = await db.selectFrom('identities').where('root_public_key', '=', root).selectAll().executeTakeFirst();
  return row === undefined ? undefined : toIdentity(row);
}

/** Whether it is new: a root and a slug are registered once. */
export async function insertIdentity(
  transaction: Transaction<ServerSchema>,
  { identity, at }: { readonly identity: Identity; readonly at: number },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('identities')
    .values({
      root_public_key: identity.rootPublicKey,
      slug: identity.slug,
      identity_type: identity.identityType,
      operator_root_public_key: identity.operatorRootPublicKey,
      state: identity.state,
      registered_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Whether this call ended it. */
export async function revokeIdentity(transaction: Transaction<ServerSchema>, slug: Slug): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('identities')
    .set({ state: 'revoked' })
    .where('slug', '=', slug)
    .where('state', '<>', 'revoked')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

function toIdentity(row: Selectable<ServerSchema['identities']>): Identity {
  return {
    // The table holds only what was checked at registration.
    slug: row.slug as Slug,
    rootPublicKey: row.root_public_key,
    identityType: row.identity_type,
    operatorRootPublicKey: row.operator_root_public_key,
    state: row.state,
  };
}
