import { DEFAULT_MIGRATION_TABLE, type Kysely, type Migration, Migrator, sql } from 'kysely';
import { SqlError } from './errors.ts';

/** By name, in alphabetical order: `001-first`. A migration that has run is never changed. */
export type Migrations = Readonly<Record<string, Migration>>;

export interface MigrateOptions {
  /** Where the tables live, on PostgreSQL: without it, the records of migrations in other schemas are taken for ours. */
  readonly schema?: string;
}

/** Brings the database to the newest version. Several processes may call it at the same time. */
export async function migrate<Schema>(
  db: Kysely<Schema>,
  migrations: Migrations,
  { schema }: MigrateOptions = {},
): Promise<void> {
  if (await isUpToDate(db, migrations, schema)) return;
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'unknown';
  const message = `Cannot bring the database up to date: migration '${failed}' failed; nothing of it was kept`;
  throw new SqlError('migration_failed', message, { cause: error });
}

/** One query, where kysely looks at every table there is. Whatever else it finds is for kysely to judge. */
async function isUpToDate<Schema>(
  db: Kysely<Schema>,
  migrations: Migrations,
  schema: string | undefined,
): Promise<boolean> {
  const table = sql.id(...(schema === undefined ? [] : [schema]), DEFAULT_MIGRATION_TABLE);
  try {
    const { rows } = await sql<{ readonly name: string }>`select name from ${table} order by name`.execute(db);
    const names = Object.keys(migrations).toSorted();
    return rows.length === names.length && rows.every(({ name }, at) => name === names[at]);
  } catch {
    // Most likely a database that is new.
    return false;
  }
}
