// The database that the settings name, whichever it is.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, holdFile, migrate, openPostgres, openSqlite } from '@puffo/sql';
import type { Settings } from '../config/settings.ts';
import { MIGRATIONS } from './migrations.ts';
import type { ServerSchema } from './schema.ts';

/** In the data folder. */
export const SQLITE_FILE = 'puffo-server.db';

/** In the data folder: whoever serves holds it. */
const LOCK_FILE = 'puffo-server.lock';

/**
 * Two servers on one SQLite file would not tell each other of messages. Fails with `database_in_use`; nothing to hold on
 * PostgreSQL, where nodes share a database.
 */
export async function holdDataDir({ dataDir, postgresUrl }: Settings): Promise<AsyncDisposable | undefined> {
  if (postgresUrl !== undefined) return undefined;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return holdFile(join(dataDir, LOCK_FILE));
}

/** Opened, and brought to the newest version. */
export async function openDatabase(settings: Settings): Promise<Database<ServerSchema>> {
  const database = await openDatabaseAsItIs(settings);
  try {
    const { postgresSchema } = settings;
    await migrate(database.db, MIGRATIONS, postgresSchema === undefined ? {} : { schema: postgresSchema });
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  return database;
}

/** Opened, in whatever version it is. */
export async function openDatabaseAsItIs(settings: Settings): Promise<Database<ServerSchema>> {
  const { dataDir, postgresUrl, postgresSchema } = settings;
  if (postgresUrl !== undefined) {
    return openPostgres({ url: postgresUrl, ...(postgresSchema === undefined ? {} : { schema: postgresSchema }) });
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return openSqlite(join(dataDir, SQLITE_FILE));
}
