// What is known of other people, between runs. Certificates are read once per run and verified then.
import type { CertEntry, ProfileEntry, Slug } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { DirectoryStore, StoredCerts, StoredProfile } from '../directory/directory-store.ts';
import { prepareOneRowQuery } from './prepare-query.ts';
import type { ClientSchema } from './schema.ts';
import { readStoredObject } from './stored-json.ts';

export function createSqliteDirectoryStore(database: Database<ClientSchema>): DirectoryStore {
  const { db } = database;
  return {
    loadCerts: (slug) => loadCerts(db, slug),
    addCerts: (slug, certs) => database.write((transaction) => addCerts(transaction, slug, certs)),
    findPin: (slug) => findPin(db, slug),
    pin: (slug, rootPublicKey) =>
      database.write(async (transaction) => {
        await transaction
          .insertInto('pins')
          .values({ slug, root_public_key: rootPublicKey })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        return (await findPin(transaction, slug)) ?? rootPublicKey;
      }),
    async replacePin(slug, rootPublicKey) {
      await database.write((transaction) =>
        transaction
          .insertInto('pins')
          .values({ slug, root_public_key: rootPublicKey })
          .onConflict((conflict) => conflict.column('slug').doUpdateSet({ root_public_key: rootPublicKey }))
          .execute(),
      );
    },
    loadProfiles: (slugs) => loadProfiles(db, slugs),
    saveProfiles: (profiles) => database.write((transaction) => saveProfiles(transaction, profiles)),
  };
}

async function loadCerts(db: Kysely<ClientSchema>, slug: Slug): Promise<StoredCerts> {
  const cursor = await db
    .selectFrom('cert_cursors')
    .where('slug', '=', slug)
    .select('synced_through')
    .executeTakeFirst();
  const rows = await db
    .selectFrom('certs')
    .where('slug', '=', slug)
    .orderBy('seq')
    .orderBy('id')
    .select(['seq', 'kind', 'entry_slug', 'cert'])
    .execute();
  const entries = rows.map((row): CertEntry => ({
    seq: row.seq,
    kind: row.kind,
    slug: (row.entry_slug ?? undefined) as Slug | undefined,
    cert: readStoredObject(row.cert, `certificate ${row.seq} of ${slug}`),
  }));
  return { entries, syncedThrough: cursor?.synced_through ?? 0 };
}

async function addCerts(
  transaction: Transaction<ClientSchema>,
  slug: Slug,
  { entries, syncedThrough }: StoredCerts,
): Promise<void> {
  for (const { seq, kind, slug: entrySlug, cert } of entries) {
    const text = JSON.stringify(cert);
    // A server that was set back gives a number out twice: the content counts too.
    const known = await transaction
      .selectFrom('certs')
      .where('slug', '=', slug)
      .where('seq', '=', seq)
      .where('kind', '=', kind)
      .where('cert', '=', text)
      .select('id')
      .executeTakeFirst();
    if (known !== undefined) continue;
    await transaction
      .insertInto('certs')
      .values({ slug, seq, kind, entry_slug: entrySlug ?? null, cert: text })
      .execute();
  }
  await transaction
    .insertInto('cert_cursors')
    .values({ slug, synced_through: syncedThrough })
    .onConflict((conflict) =>
      conflict
        .column('slug')
        .doUpdateSet({ synced_through: sql<number>`max(cert_cursors.synced_through, excluded.synced_through)` }),
    )
    .execute();
}

async function findPin(db: Kysely<ClientSchema>, slug: Slug): Promise<string | undefined> {
  const { rows } = await selectPin(db, { slug });
  return rows[0]?.root_public_key;
}

/** Asked for every message. */
const selectPin = prepareOneRowQuery<{ slug: string }, { root_public_key: string }>((db, slot) =>
  db.selectFrom('pins').where('slug', '=', slot('slug')).select('root_public_key'),
);

/** However many slugs there are, it is one query of one text. */
async function loadProfiles(
  db: Kysely<ClientSchema>,
  slugs: readonly Slug[],
): Promise<ReadonlyMap<Slug, StoredProfile>> {
  const rows = await db
    .selectFrom('profiles')
    .where('slug', 'in', sql<string>`(select value from json_each(${JSON.stringify(slugs)}))`)
    .selectAll()
    .execute();
  return new Map(
    rows.map((row) => {
      // Written from a profile that was read from an answer.
      const profile = readStoredObject(row.profile, `profile of ${row.slug}`) as unknown as ProfileEntry;
      return [row.slug as Slug, { profile, fetchedAt: row.fetched_at }];
    }),
  );
}

async function saveProfiles(transaction: Transaction<ClientSchema>, profiles: readonly StoredProfile[]): Promise<void> {
  for (const { profile, fetchedAt } of profiles) {
    const row = { slug: profile.slug, profile: JSON.stringify(profile), fetched_at: fetchedAt };
    await transaction
      .insertInto('profiles')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('slug').doUpdateSet({ profile: row.profile, fetched_at: row.fetched_at }),
      )
      .execute();
  }
}
