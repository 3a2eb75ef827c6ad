import type { Slug } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import type { StatusRow } from './status-rules.ts';

export function findStatus(db: Kysely<ServerSchema>, slug: Slug): Promise<StatusRow | undefined> {
  return db.selectFrom('agent_status').where('slug', '=', slug).selectAll().executeTakeFirst();
}

export async function writeStatus(transaction: Transaction<ServerSchema>, row: StatusRow): Promise<void> {
  const { slug: _, ...changes } = row;
  await transaction
    .insertInto('agent_status')
    .values(row)
    .onConflict((conflict) => conflict.column('slug').doUpdateSet(changes))
    .execute();
}

/** A run that started or ended. It is no heartbeat. spec: wire-protocol 11.3 */
export async function writeRunStatus(
  transaction: Transaction<ServerSchema>,
  row: Omit<StatusRow, 'last_heartbeat_at'>,
): Promise<void> {
  const { slug: _, ...changes } = row;
  await transaction
    .insertInto('agent_status')
    .values({ ...row, last_heartbeat_at: null })
    .onConflict((conflict) => conflict.column('slug').doUpdateSet(changes))
    .execute();
}

export interface Agent {
  readonly operatorRootPublicKey: string | null;
}

export async function findAgent(db: Kysely<ServerSchema>, slug: Slug): Promise<Agent | undefined> {
  const row = await db
    .selectFrom('identities')
    .where('slug', '=', slug)
    .where('identity_type', '=', 'agent')
    .select('operator_root_public_key')
    .executeTakeFirst();
  return row === undefined ? undefined : { operatorRootPublicKey: row.operator_root_public_key };
}

export async function haveSpaceInCommon(
  db: Kysely<ServerSchema>,
  { left, right }: { readonly left: Slug; readonly right: Slug },
): Promise<boolean> {
  const row = await db
    .selectFrom('space_members as mine')
    .innerJoin('space_members as theirs', 'theirs.space_id', 'mine.space_id')
    .where('mine.slug', '=', left)
    .where('theirs.slug', '=', right)
    .select('mine.space_id')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
