// A copy of a SQLite file as of one moment, while others write it. Unlike `openSqlite` it leaves the file as it is.
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { SqlError } from './errors.ts';

const BUSY_TIMEOUT_MS = 5000;

/** `target` must not exist. Fails with `database_unreachable` when `source` is no database. */
export function snapshotSqlite(source: string, target: string): void {
  let database: Libsql.Database | undefined;
  try {
    // By itself libsql makes a file that is missing. Not `ro`: who may only read leaves the log's files behind.
    database = new Libsql(`${pathToFileURL(source).href}?mode=rw`);
    // Not by prepared statements: they keep the file open, and its log beside it, until they are collected.
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.exec(`vacuum into '${target.replaceAll("'", "''")}'`);
  } catch (cause) {
    throw new SqlError('database_unreachable', `Cannot copy database ${source}: it is damaged or in use`, { cause });
  } finally {
    database?.close();
  }
}
