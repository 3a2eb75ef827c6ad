// Blobs end some days after the upload: whether a message refers to one cannot be seen. Avatars can be seen, and stay.
// spec: wire-protocol 7.3, 15 (6)
import type { BlobId } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { ServerSchema } from '../db/schema.ts';

const DAY_MS = 86_400_000;
/** Each is a call to the store. */
const SLICE_BLOBS = 50;
const BLOB_ID_IN_URL = /\/blobs\/([^/?#]+)$/;

/** Returns how many it looked at. */
export async function deleteOldBlobs(context: ServerContext): Promise<number> {
  const { database, now, settings, blobs } = context;
  const rows = await database.db
    .selectFrom('blobs')
    .where('created_at', '<', now() - settings.retention.blobs * DAY_MS)
    .select('blob_id')
    .orderBy('created_at')
    .limit(SLICE_BLOBS)
    .execute();
  if (rows.length === 0) return 0;
  const avatars = await listAvatars(database.db);
  const old = rows.map((row) => row.blob_id as BlobId);
  await renewBlobs(
    context,
    old.filter((id) => avatars.has(id)),
  );
  const over = old.filter((id) => !avatars.has(id));
  // A row without bytes is asked for again next time; bytes without a row would stay for ever.
  for (const id of over) await blobs.delete(id);
  await deleteRows(context, over);
  return rows.length;
}

/** Ids at the end of the URLs that people and spaces show. spec: wire-protocol 7.6 */
async function listAvatars(db: Kysely<ServerSchema>): Promise<ReadonlySet<string>> {
  const profiles = await db.selectFrom('profiles').where('avatar_url', '!=', '').select('avatar_url').execute();
  const spaces = await db.selectFrom('spaces').where('avatar_url', '!=', '').select('avatar_url').execute();
  const ids = new Set<string>();
  for (const { avatar_url } of [...profiles, ...spaces]) {
    const id = BLOB_ID_IN_URL.exec(avatar_url ?? '')?.[1];
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

/** Counts as uploaded again, so that the next slice does not begin with the same blobs. */
async function renewBlobs({ database, now }: ServerContext, ids: readonly BlobId[]): Promise<void> {
  if (ids.length === 0) return;
  await database.write((transaction) =>
    transaction.updateTable('blobs').set({ created_at: now() }).where('blob_id', 'in', ids).execute(),
  );
}

async function deleteRows({ database }: ServerContext, ids: readonly BlobId[]): Promise<void> {
  if (ids.length === 0) return;
  await database.write((transaction) => transaction.deleteFrom('blobs').where('blob_id', 'in', ids).execute());
}
