import type { Slug } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';

export interface NewProfile {
  readonly slug: Slug;
  readonly username: string;
  readonly displayName: string;
  readonly avatarUrl: string;
  readonly at: number;
}

export async function insertProfile(transaction: Transaction<ServerSchema>, profile: NewProfile): Promise<void> {
  await transaction
    .insertInto('profiles')
    .values({
      slug: profile.slug,
      username: profile.username,
      display_name: profile.displayName,
      avatar_url: profile.avatarUrl,
      bio: '',
      role: '',
      role_short: '',
      soul: '',
      updated_at: profile.at,
    })
    .execute();
}

/** What may be changed; what is absent stays. spec: wire-protocol 9.12 */
export interface ProfileChange {
  readonly display_name?: string | undefined;
  readonly avatar_url?: string | undefined;
  readonly bio?: string | undefined;
  readonly role?: string | undefined;
  readonly role_short?: string | undefined;
  readonly soul?: string | undefined;
}

export async function changeProfile(
  transaction: Transaction<ServerSchema>,
  { slug, change, at }: { readonly slug: Slug; readonly change: ProfileChange; readonly at: number },
): Promise<void> {
  await transaction
    .updateTable('profiles')
    .set({ ...change, updated_at: at })
    .where('slug', '=', slug)
    .execute();
}

/** With the slug of the operator of each agent. Unknown slugs are left out. */
export function listProfiles(db: Kysely<ServerSchema>, slugs: readonly Slug[]) {
  return db
    .selectFrom('profiles')
    .innerJoin('identities', 'identities.slug', 'profiles.slug')
    .leftJoin('identities as operator', 'operator.root_public_key', 'identities.operator_root_public_key')
    .where('profiles.slug', 'in', slugs)
    .selectAll('profiles')
    .select(['identities.identity_type as identity_type', 'operator.slug as owner_slug'])
    .execute();
}
