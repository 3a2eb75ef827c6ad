// SQLite in WAL mode. Transactions that come together share one commit, which is written without waiting for the disk; the wait is one `fdatasync` of the write-ahead
// log outside the event loop, shared by all commits since the last one.
import { type FileHandle, open } from 'node:fs/promises';
import Libsql from 'libsql';
import { Kysely } from 'kysely';
import type { Database } from './database.ts';
import { SqlError } from './errors.ts';
import { createGroupFlush } from './group-flush.ts';
import type { IdleFiles } from './idle-files.ts';
import { createSharedTransactions } from './shared-transactions.ts';
import { LibsqlDialect } from './sqlite-driver.ts';
import { createSqliteFile, type SqliteFile } from './sqlite-file.ts';

/** Waiting inside SQLite holds up the event loop; transactions wait outside (`sqlite-driver.ts`). */
const BUSY_TIMEOUT_MS = 50;
/** Of log between checkpoints: rare enough that their cost does not show. */
const CHECKPOINT_BYTES = 32 * 1024 * 1024;
/** As SQLite's own. */
const DEFAULT_PAGE_SIZE = 4096;

export interface SqliteOptions {
  /** ms. Its file is closed when nobody used it for so long, and opened again when somebody does. Absent: it stays open. */
  readonly closeAfterIdleMs?: number;
  /** Shared by files of which few are used at a time: closes this one sooner when many are open. */
  readonly idleFiles?: IdleFiles;
  /** Bytes, of a file that is made; a power of two. Small ones save memory where there are many small databases. */
  readonly pageSize?: number;
}

/** `path`: a file whose folder exists and can be written. */
export async function openSqlite<Schema>(
  path: string,
  { closeAfterIdleMs, idleFiles, pageSize }: SqliteOptions = {},
): Promise<Database<Schema>> {
  const file = createSqliteFile({
    path,
    open: () => openFile(path, pageSize),
    isWriter: true,
    closeAfterIdleMs,
    idleFiles,
  });
  // Makes the log exist.
  file.exec('begin immediate; create table if not exists opened_once (at integer); commit;');
  const log = createLog(path, file);
  const { flush } = createGroupFlush(() => log.sync());
  const db = new Kysely<Schema>({ dialect: new LibsqlDialect(file) });
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

interface Log {
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The write-ahead log. It is never deleted while the file is open, and is another one after that. */
function createLog(path: string, file: SqliteFile): Log {
  let handle: FileHandle | undefined;
  let generation = 0;

  async function sync(): Promise<void> {
    // Closing it brought everything into the database, and that to the disk.
    if (!file.isOpen) return;
    const opening = file.generation;
    try {
      if (handle === undefined || generation !== opening) {
        const stale = handle;
        handle = await open(`${path}-wal`, 'r+');
        generation = opening;
        await stale?.close();
      }
      await handle.datasync();
    } catch (cause) {
      // It was closed meanwhile, and its log is gone.
      if (!file.isOpen || file.generation !== opening) return;
      throw new SqlError('flush_failed', `Cannot write database ${path}: the disk did not confirm`, { cause });
    }
  }

  return {
    sync,
    async close() {
      await handle?.close();
    },
  };
}

function openFile(path: string, pageSize: number = DEFAULT_PAGE_SIZE): Libsql.Database {
  try {
    const libsql = new Libsql(path);
    // Not by prepared statements: they hold memory until they are collected.
    libsql.exec(`
      pragma busy_timeout = ${BUSY_TIMEOUT_MS};
      pragma page_size = ${pageSize};
      pragma journal_mode = wal;
      pragma synchronous = normal;
      pragma wal_autocheckpoint = ${CHECKPOINT_BYTES / pageSize};
      pragma foreign_keys = on;
    `);
    return libsql;
  } catch (cause) {
    throw new SqlError('database_unreachable', `Cannot open database ${path}: check that its folder can be written`, {
      cause,
    });
  }
}
