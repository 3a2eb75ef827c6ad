// A backup to a data folder. The file is checked from end to end before anything is written, and what could not be
// finished is taken away again.
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, isBlobId, LIMITS } from '@puffo/protocol';
import { openSqlite } from '@puffo/sql';
import { sql } from 'kysely';
import type { BlobStore } from '../blobs/blob-store.ts';
import { AdministratorError } from '../config/administrator-error.ts';
import type { ServerSchema } from '../db/schema.ts';
import {
  BLOB_FOLDER,
  DATABASE_ENTRY,
  type FoundEntry,
  MANIFEST_ENTRY,
  MAX_MANIFEST_BYTES,
  readArchive,
  readChunks,
  readExactly,
} from './archive.ts';
import { type Manifest, parseManifest } from './manifest.ts';

export interface RestoreTarget {
  /** Empty, or not there yet. */
  readonly dataDir: string;
  /** The name of the database in it. */
  readonly databaseFile: string;
  /** Opens the place for blobs once it is certain that something is restored. */
  readonly openBlobs: () => Promise<BlobStore>;
}

interface Checked {
  readonly manifest: Manifest;
  readonly database: FoundEntry;
  readonly blobs: readonly (FoundEntry & { readonly blobId: BlobId })[];
}

export async function restoreBackup(file: string, target: RestoreTarget): Promise<Manifest> {
  await requireEmpty(target.dataDir);
  const source = await open(file, 'r');
  try {
    const checked = await checkBackup(source);
    try {
      await write(source, { checked, target });
    } catch (error) {
      await empty(target.dataDir);
      throw error;
    }
    return checked.manifest;
  } finally {
    await source.close();
  }
}

/** Empty folders in it do no harm. */
async function requireEmpty(folder: string): Promise<void> {
  const names = await listNames(folder, { recursive: true });
  const kinds = await Promise.all(names.map((name) => stat(join(folder, name))));
  if (kinds.every((kind) => kind.isDirectory())) return;
  throw new AdministratorError(
    'state',
    `Cannot restore into ${folder}: it is not empty, name another folder with --data-dir`,
  );
}

async function listNames(folder: string, options: { recursive?: boolean } = {}): Promise<readonly string[]> {
  try {
    return await readdir(folder, options);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function empty(folder: string): Promise<void> {
  for (const name of await listNames(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/** Names, order, sizes and digest. */
async function checkBackup(source: FileHandle): Promise<Checked> {
  const entries: FoundEntry[] = [];
  for await (const entry of readArchive(source)) entries.push(entry);
  const [database, ...rest] = entries;
  const last = rest.pop();
  if (database?.name !== DATABASE_ENTRY || last?.name !== MANIFEST_ENTRY || last.size > MAX_MANIFEST_BYTES) {
    throw new AdministratorError('state', 'Cannot restore: the file is no backup of puffo-server');
  }
  const manifest = parseManifest(await readExactly(source, last));
  if (manifest === undefined) {
    throw new AdministratorError(
      'state',
      'Cannot restore: a newer version of puffo-server wrote this backup, use that version',
    );
  }
  if (manifest.digest !== last.digestBefore || manifest.blobs !== rest.length) {
    throw new AdministratorError('state', 'Cannot restore: the file is damaged, its digest is another');
  }
  return { manifest, database, blobs: rest.map((entry) => ({ ...entry, blobId: readBlobId(entry) })) };
}

function readBlobId({ name, size }: FoundEntry): BlobId {
  const blobId = name.slice(BLOB_FOLDER.length);
  if (name.startsWith(BLOB_FOLDER) && isBlobId(blobId) && size <= LIMITS.blobBytes) return blobId;
  throw new AdministratorError('state', 'Cannot restore: the file holds something that no backup has');
}

async function write(
  source: FileHandle,
  { checked, target }: { readonly checked: Checked; readonly target: RestoreTarget },
): Promise<void> {
  await mkdir(target.dataDir, { recursive: true, mode: 0o700 });
  await using blobs = await target.openBlobs();
  for (const { blobId, start, size } of checked.blobs) {
    await blobs.put(blobId, await readExactly(source, { start, size }));
  }
  // Last: a folder without this file is no server.
  const unfinished = join(target.dataDir, 'restoring.db');
  const path = join(target.dataDir, target.databaseFile);
  await copyDatabase(source, { entry: checked.database, path: unfinished });
  await rename(unfinished, path);
  await checkDatabase(path);
}

async function copyDatabase(
  source: FileHandle,
  { entry, path }: { readonly entry: FoundEntry; readonly path: string },
): Promise<void> {
  const copy = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of readChunks(source, entry)) await copy.writeFile(chunk);
    await copy.sync();
  } finally {
    await copy.close();
  }
}

async function checkDatabase(path: string): Promise<void> {
  await using database = await openSqlite<ServerSchema>(path);
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(database.db);
  if (rows[0]?.integrity_check === 'ok') return;
  throw new AdministratorError('state', 'Cannot restore: the database in the file is damaged');
}
