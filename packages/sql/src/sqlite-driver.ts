// kysely's SQLite driver on libsql: transactions that take the write lock at once and wait for it without holding up the
// event loop, migrations inside a transaction.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely';
import { SqlError } from './errors.ts';
import type { SqliteFile } from './sqlite-file.ts';

const LOCK_PAUSE_MS = 10;
/** Another process holds the lock for a moment; one that holds it longer is stuck. */
const LOCK_ATTEMPTS = 1000;

/** kysely's own classes open nothing: the file does, and queries go through its connection. */
const NO_CONFIG: SqliteDialectConfig = {
  database: () => Promise.reject(new TypeError('the file opens its database')),
};

/** A transaction that began as a reader cannot become a writer while another process writes: begin as one. */
class LibsqlDriver extends SqliteDriver {
  readonly #file: SqliteFile;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  constructor(file: SqliteFile) {
    super(NO_CONFIG);
    this.#file = file;
  }

  override init(): Promise<void> {
    return Promise.resolve();
  }

  /** There is one, and callers take turns in the order in which they came. */
  override async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    try {
      return await this.#file.acquire();
    } catch (error) {
      await this.releaseConnection();
      throw error;
    }
  }

  override releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next();
      return Promise.resolve();
    }
    this.#isTaken = false;
    this.#file.release();
    return Promise.resolve();
  }

  override destroy(): Promise<void> {
    return this.#file.close();
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await connection.executeQuery(CompiledQuery.raw('begin immediate'));
        return;
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (attempt === LOCK_ATTEMPTS) {
          const message = 'Cannot write database: another process has held it locked for seconds';
          throw new SqlError('database_locked', message, { cause: error, retryable: true });
        }
        await sleep(LOCK_PAUSE_MS);
      }
    }
  }
}

/** SQLite can undo changes of tables; kysely does not rely on it by itself. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

export class LibsqlDialect extends SqliteDialect {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    super(NO_CONFIG);
    this.#file = file;
  }

  override createDriver(): SqliteDriver {
    return new LibsqlDriver(this.#file);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'SQLITE_BUSY';
}
