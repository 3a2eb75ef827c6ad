// The database of a server for a command beside it: never made, never brought up to date behind its back.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '@puffo/sql';
import { type Kysely, sql } from 'kysely';
import { AdministratorError } from '../config/administrator-error.ts';
import type { Settings } from '../config/settings.ts';
import { MIGRATIONS } from '../db/migrations.ts';
import type { ServerSchema } from '../db/schema.ts';
import { openDatabaseAsItIs, SQLITE_FILE } from '../db/open-database.ts';

export type DatabaseVersion = 'empty' | 'older' | 'current' | 'newer';

const MISSING_TABLE_OF_POSTGRES = '42P01';

export async function openExisting(settings: Settings): Promise<Database<ServerSchema>> {
  if (!hasDatabase(settings)) {
    const { dataDir } = settings;
    throw new AdministratorError(
      'state',
      `There is no server in ${dataDir}: start it once, or name its folder with --data-dir`,
    );
  }
  const database = await openDatabaseAsItIs(settings);
  const version = await findVersion(database.db);
  if (version === 'current') return database;
  await database[Symbol.asyncDispose]();
  throw new AdministratorError('state', `Cannot use the database: ${explainVersion(version)}`);
}

/** PostgreSQL has one when it can be reached. */
export function hasDatabase({ dataDir, postgresUrl }: Settings): boolean {
  return postgresUrl !== undefined || existsSync(join(dataDir, SQLITE_FILE));
}

export function explainVersion(version: Exclude<DatabaseVersion, 'current'>): string {
  if (version === 'newer') return 'a newer version of puffo-server made it, run that version';
  if (version === 'older')
    return 'an older version of puffo-server made it, start the server once to bring it up to date';
  return 'it is empty, start the server once';
}

export async function findVersion(db: Kysely<ServerSchema>): Promise<DatabaseVersion> {
  const applied = await listApplied(db);
  const known = Object.keys(MIGRATIONS);
  if (applied.length === 0) return 'empty';
  if (applied.some((name) => !known.includes(name))) return 'newer';
  return known.every((name) => applied.includes(name)) ? 'current' : 'older';
}

async function listApplied(db: Kysely<ServerSchema>): Promise<readonly string[]> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
    return rows.map(({ name }) => name);
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}

function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message.includes('no such table') || ('code' in error && error.code === MISSING_TABLE_OF_POSTGRES);
}
