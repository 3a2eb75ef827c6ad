// Whom somebody allows or blocks. spec: wire-protocol 14.3
import type { Slug } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';

export type TrustList = 'allowlists' | 'blocklists';

export interface TrustEntries {
  readonly slug: Slug;
  readonly peers: readonly Slug[];
  readonly now: number;
}

export async function listPeers(
  db: Kysely<ServerSchema>,
  { list, slug }: { readonly list: TrustList; readonly slug: Slug },
): Promise<readonly Slug[]> {
  const rows = await db
    .selectFrom(list)
    .where('slug', '=', slug)
    .select('peer_slug')
    .orderBy('created_at')
    .orderBy('peer_slug')
    .execute();
  return rows.map((row) => row.peer_slug as Slug);
}

/** Those of `slugs` that are identities of this server. */
export async function listKnownSlugs(db: Kysely<ServerSchema>, slugs: readonly Slug[]): Promise<readonly Slug[]> {
  if (slugs.length === 0) return [];
  const rows = await db.selectFrom('identities').where('slug', 'in', slugs).select('slug').execute();
  return rows.map((row) => row.slug as Slug);
}

export async function addPeers(
  transaction: Transaction<ServerSchema>,
  { list, slug, peers, now }: TrustEntries & { readonly list: TrustList },
): Promise<void> {
  if (peers.length === 0) return;
  await transaction
    .insertInto(list)
    .values(peers.map((peer_slug) => ({ slug, peer_slug, created_at: now })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whether it was there. */
export async function removePeer(
  transaction: Transaction<ServerSchema>,
  { list, slug, peer }: { readonly list: TrustList; readonly slug: Slug; readonly peer: Slug },
): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom(list)
    .where('slug', '=', slug)
    .where('peer_slug', '=', peer)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}
