import { resolve } from 'node:path';
import { restoreBackup } from '../backup/restore-backup.ts';
import { writeBackup } from '../backup/write-backup.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { openBlobStore } from '../blobs/open-blob-store.ts';
import { AdministratorError } from '../config/administrator-error.ts';
import type { Settings } from '../config/settings.ts';
import { SQLITE_FILE } from '../db/open-database.ts';
import type { Command, CommandCall, ExitCode } from './command.ts';
import { openExisting } from './open-existing.ts';

export const BACKUP_COMMANDS: readonly Command[] = [
  {
    name: 'backup',
    summary: 'write database and blobs into one file, also while the server runs',
    argument: 'FILE',
    scope: 'data',
    run: backup,
  },
  {
    name: 'restore',
    summary: 'fill an empty data folder from a backup',
    argument: 'FILE',
    scope: 'data',
    run: restore,
  },
];

async function backup({ world, readSettings, argument }: CommandCall): Promise<ExitCode> {
  const settings = readSettings();
  refusePostgres(settings, 'back up with pg_dump, and copy the blobs after it');
  const file = resolve(argument);
  await using database = await openExisting(settings);
  const { blobStore } = settings;
  const blobs = blobStore.kind === 'disk' ? await openBlobStore(blobStore) : undefined;
  try {
    const manifest = await writeBackup(file, { database, blobs, now: world.now() });
    world.print(`Wrote ${file}: the database, ${describeBlobs(blobs, manifest.blobs)}.`);
    return 0;
  } finally {
    await blobs?.[Symbol.asyncDispose]();
  }
}

function describeBlobs(blobs: BlobStore | undefined, count: number): string {
  return blobs === undefined
    ? 'without the blobs: those are in the bucket, which has backups of its own'
    : `${count} blobs`;
}

async function restore({ world, readSettings, argument }: CommandCall): Promise<ExitCode> {
  const settings = readSettings();
  refusePostgres(settings, 'restore with pg_restore or psql');
  const { dataDir, blobStore } = settings;
  const manifest = await restoreBackup(resolve(argument), {
    dataDir,
    databaseFile: SQLITE_FILE,
    openBlobs: () => openBlobStore(blobStore),
  });
  const madeAt = new Date(manifest.createdAt).toISOString();
  world.print(`Restored ${dataDir} as of ${madeAt}, with ${manifest.blobs} blobs. Start the server with this folder.`);
  return 0;
}

function refusePostgres({ postgresUrl }: Settings, instead: string): void {
  if (postgresUrl === undefined) return;
  throw new AdministratorError('settings', `This is for SQLite only, and the database is PostgreSQL: ${instead}`);
}
