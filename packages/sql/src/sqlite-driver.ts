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
import type LibsqlDatabase from 'libsql';
import { SqlError } from './errors.ts';
import { LibsqlConnection } from './sqlite-connection.ts';

const LOCK_PAUSE_MS = 10;
/** Another process holds the lock for a moment; one that holds it longer is stuck. */
const LOCK_ATTEMPTS = 1000;

/** A transaction that began as a reader cannot become a writer while another process writes: begin as one. */
class LibsqlDriver extends SqliteDriver {
  readonly #connection: LibsqlConnection;
  readonly #waiting: ((connection: DatabaseConnection) => void)[] = [];
  #isTaken = false;

  constructor(database: LibsqlDatabase.Database) {
    super(configOf(database));
    this.#connection = new LibsqlConnection(database);
  }

  /** There is one, and callers take turns in the order in which they came. */
  override acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    return Promise.resolve(this.#connection);
  }

  override releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next(this.#connection);
    return Promise.resolve();
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
  readonly #database: LibsqlDatabase.Database;

  constructor(database: LibsqlDatabase.Database) {
    super(configOf(database));
    this.#database = database;
  }

  override createDriver(): SqliteDriver {
    return new LibsqlDriver(this.#database);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'SQLITE_BUSY';
}

/** What kysely's own classes need; queries go through `LibsqlConnection`. */
function configOf(database: LibsqlDatabase.Database): SqliteDialectConfig {
  return { database: database as unknown as SqliteDialectConfig['database'] };
}
