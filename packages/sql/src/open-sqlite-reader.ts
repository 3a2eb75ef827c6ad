// A SQLite file that somebody else writes: nothing in it is made or changed.
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { Kysely } from 'kysely';
import { SqlError } from './errors.ts';
import { LibsqlDialect } from './sqlite-driver.ts';
import { createSqliteFile } from './sqlite-file.ts';

/** Writers of a log do not hold up readers; this is for the moment of a recovery. */
const BUSY_TIMEOUT_MS = 50;

export interface SqliteReader<Schema> extends AsyncDisposable {
  readonly db: Kysely<Schema>;
}

/** Fails with `database_unreachable` when there is no file, or it is no database. */
export function openSqliteReader<Schema>(path: string): SqliteReader<Schema> {
  const file = createSqliteFile({ path, open: () => openFile(path), isWriter: false });
  const db = new Kysely<Schema>({ dialect: new LibsqlDialect(file) });
  return { db, [Symbol.asyncDispose]: () => db.destroy() };
}

function openFile(path: string): Libsql.Database {
  let libsql: Libsql.Database | undefined;
  try {
    // libsql ignores `readonly`, and makes a file that is missing; SQLite itself reads the mode from an address.
    libsql = new Libsql(`${pathToFileURL(path).href}?mode=ro`);
    libsql.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // The first look into the file: opening alone reads nothing.
    libsql.prepare('select count(*) from sqlite_master').get();
    return libsql;
  } catch (cause) {
    libsql?.close();
    throw new SqlError('database_unreachable', `Cannot read database ${path}: it is missing, damaged or in use`, {
      cause,
    });
  }
}
