// SQLite in WAL mode. Transactions that come together share one commit, which is written without waiting for the disk; the wait is one `fdatasync` of the write-ahead
// log outside the event loop, shared by all commits since the last one.
import { open } from 'node:fs/promises';
import Libsql from 'libsql';
import { Kysely } from 'kysely';
import type { Database } from './database.ts';
import { SqlError } from './errors.ts';
import { createGroupFlush } from './group-flush.ts';
import { createSharedTransactions } from './shared-transactions.ts';
import { LibsqlDialect } from './sqlite-driver.ts';

/** Waiting inside SQLite holds up the event loop; transactions wait outside (`sqlite-driver.ts`). */
const BUSY_TIMEOUT_MS = 50;
/** 32 MiB of log between checkpoints: rare enough that their cost does not show. */
const CHECKPOINT_PAGES = 8192;

/** `path`: a file whose folder exists and can be written. */
export async function openSqlite<Schema>(path: string): Promise<Database<Schema>> {
  const libsql = openFile(path);
  // Makes the log exist. It is never deleted while a connection is open.
  libsql.exec('begin immediate; create table if not exists opened_once (at integer); commit;');
  const log = await open(`${path}-wal`, 'r+');
  const { flush } = createGroupFlush(async () => {
    try {
      await log.datasync();
    } catch (cause) {
      throw new SqlError('flush_failed', `Cannot write database ${path}: the disk did not confirm`, { cause });
    }
  });
  const db = new Kysely<Schema>({ dialect: new LibsqlDialect(libsql) });
  const transactions = createSharedTransactions(db);
  return {
    dialect: 'sqlite',
    db,
    async write(work, { waitsForDisk = true } = {}) {
      const result = await transactions.run(work);
      if (waitsForDisk) await flush();
      return result;
    },
    commitOne: (statement) => transactions.runOne(statement),
    async [Symbol.asyncDispose]() {
      await transactions.settle();
      await flush();
      await log.close();
      await db.destroy();
    },
  };
}

function openFile(path: string): Libsql.Database {
  try {
    const libsql = new Libsql(path);
    libsql.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    libsql.pragma('journal_mode = wal');
    libsql.pragma('synchronous = normal');
    libsql.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    libsql.pragma('foreign_keys = on');
    return libsql;
  } catch (cause) {
    throw new SqlError('database_unreachable', `Cannot open database ${path}: check that its folder can be written`, {
      cause,
    });
  }
}
