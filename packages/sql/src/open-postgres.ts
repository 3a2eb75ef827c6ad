// PostgreSQL through a pool of connections.
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { type Database, MAX_ATTEMPTS } from './database.ts';
import { SqlError } from './errors.ts';

const POOL_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** `int8` in the type catalogue: our integers fit a double. */
const INT8 = 20;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/name` */
  readonly url: string;
  /** Tables live in this schema; absent: the connection's own default. Created when missing. */
  readonly schema?: string;
}

/** Fails with `database_unreachable` when no connection can be made. */
export async function openPostgres<Schema>(options: PostgresOptions): Promise<Database<Schema>> {
  const pool = createPool(options);
  try {
    if (options.schema !== undefined) await pool.query(`create schema if not exists "${options.schema}"`);
    else await pool.query('select 1');
  } catch (cause) {
    await pool.end();
    const why = cause instanceof Error ? cause.message : 'unknown reason';
    throw new SqlError('database_unreachable', `Cannot reach the database: ${why}`, { cause, retryable: true });
  }
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    dialect: 'postgres',
    db,
    async write(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await db.transaction().execute(work);
        } catch (error) {
          if (attempt >= MAX_ATTEMPTS || !isRepeatable(error)) throw error;
        }
      }
    },
    commitOne: (statement) => statement(db),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}

function createPool({ url, schema }: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(schema === undefined ? {} : { options: `-c search_path=${schema}` }),
    types: {
      getTypeParser: ((oid: number, format: 'text' | 'binary') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

function isRepeatable(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK;
}
