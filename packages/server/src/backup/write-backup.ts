// A copy of a SQLite server, also while it runs: the database as of one moment, then the blobs that it names. Blobs do
// not change, so they may be copied after that moment.
import { existsSync } from 'node:fs';
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeUtf8 } from '@puffo/base';
import type { BlobId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import { sql } from 'kysely';
import type { BlobStore } from '../blobs/blob-store.ts';
import { AdministratorError } from '../config/administrator-error.ts';
import type { ServerSchema } from '../db/schema.ts';
import { VERSION } from '../version.ts';
import { type ArchiveWriter, BLOB_FOLDER, createArchiveWriter, DATABASE_ENTRY, MANIFEST_ENTRY } from './archive.ts';
import type { Manifest } from './manifest.ts';

export interface BackupSource {
  readonly database: Database<ServerSchema>;
  /** `undefined`: blobs are kept elsewhere and are not part of the backup. */
  readonly blobs: BlobStore | undefined;
  readonly now: number;
}

/** Makes `file`, readable by its owner only. There is either a whole one in the end or none. */
export async function writeBackup(file: string, source: BackupSource): Promise<Manifest> {
  if (existsSync(file))
    throw new AdministratorError('state', `Cannot write ${file}: it exists already, choose another name`);
  const folder = await mkdtemp(join(dirname(file), '.puffo-backup-'));
  try {
    const unfinished = join(folder, 'backup');
    const manifest = await writeUnfinished({ source, unfinished, snapshot: join(folder, 'snapshot') });
    await rename(unfinished, file);
    return manifest;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Paths {
  readonly source: BackupSource;
  readonly unfinished: string;
  readonly snapshot: string;
}

async function writeUnfinished({ source, unfinished, snapshot }: Paths): Promise<Manifest> {
  await sql`vacuum into ${snapshot}`.execute(source.database.db);
  const target = await open(unfinished, 'wx', 0o600);
  try {
    const writer = createArchiveWriter(target, source.now);
    const blobIds = source.blobs === undefined ? [] : await listBlobs(source.database, snapshot);
    const database = await open(snapshot, 'r');
    try {
      await writer.addFile(DATABASE_ENTRY, database);
    } finally {
      await database.close();
    }
    const blobs = await addBlobs(writer, { blobIds, store: source.blobs });
    const manifest = { format: 1, version: VERSION, createdAt: source.now, blobs, digest: writer.digest() } as const;
    await writer.add(MANIFEST_ENTRY, encodeUtf8(JSON.stringify(manifest)));
    await writer.finish();
    return manifest;
  } finally {
    await target.close();
  }
}

/** Asked of the snapshot: the server may have taken others since. */
async function listBlobs({ db }: Database<ServerSchema>, snapshot: string): Promise<readonly string[]> {
  await sql`attach database ${snapshot} as snapshot`.execute(db);
  try {
    const { rows } = await sql<{ blob_id: string }>`select blob_id from snapshot.blobs order by blob_id`.execute(db);
    return rows.map(({ blob_id }) => blob_id);
  } finally {
    await sql`detach database snapshot`.execute(db);
  }
}

/** How many were there. One that is gone was deleted since, because its time was over. */
async function addBlobs(
  writer: ArchiveWriter,
  { blobIds, store }: { readonly blobIds: readonly string[]; readonly store: BlobStore | undefined },
): Promise<number> {
  let count = 0;
  for (const blobId of blobIds) {
    // The table holds only ids that we made.
    const bytes = await store?.get(blobId as BlobId);
    if (bytes === undefined) continue;
    await writer.add(BLOB_FOLDER + blobId, bytes);
    count++;
  }
  return count;
}
