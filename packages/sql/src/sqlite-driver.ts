// kysely's SQLite driver on libsql: transactions that take the write lock at once and wait for it without holding up the
// event loop, migrations inside a transaction, statements prepared once.
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

const MAX_STATEMENTS = 500;
const LOCK_PAUSE_MS = 10;
/** Another process holds the lock for a moment; one that holds it longer is stuck. */
const LOCK_ATTEMPTS = 1000;

/** A transaction that began as a reader cannot become a writer while another process writes: begin as one. */
class ImmediateSqliteDriver extends SqliteDriver {
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
  readonly #config: SqliteDialectConfig;

  constructor(database: LibsqlDatabase.Database) {
    const config = { database: withStatementCache(database) };
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver(this.#config);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'SQLITE_BUSY';
}

type KyselyDatabase = Extract<SqliteDialectConfig['database'], { close(): void }>;

/** Preparing a statement costs as much as running it. */
function withStatementCache(database: LibsqlDatabase.Database): KyselyDatabase {
  const statements = new Map<string, ReturnType<KyselyDatabase['prepare']>>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) return known;
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      const prepared = database.prepare(sql) as unknown as ReturnType<KyselyDatabase['prepare']>;
      statements.set(sql, prepared);
      return prepared;
    },
  };
}
