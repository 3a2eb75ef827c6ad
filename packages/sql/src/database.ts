// What the stores of a program see of a database, whichever it is.
import type { Kysely, Transaction } from 'kysely';

export interface Database<Schema> extends AsyncDisposable {
  readonly dialect: 'sqlite' | 'postgres';
  /** For reading. */
  readonly db: Kysely<Schema>;
  /**
   * Runs `work` in one transaction and resolves when what it wrote is on disk. Rolls back when `work` throws. Runs again
   * when the database asks for it (a deadlock, a serialisation failure), so `work` has no effects outside the database.
   */
  write<Result>(work: (transaction: Transaction<Schema>) => Promise<Result>, options?: WriteOptions): Promise<Result>;
  /**
   * Runs one statement that writes, and resolves when it is committed. SQLite does not wait for the disk: it outlives the
   * process, and may be lost with the power.
   */
  commitOne<Result>(statement: (db: Kysely<Schema>) => Promise<Result>): Promise<Result>;
}

export interface WriteOptions {
  /** `false`: resolves when it is committed; SQLite may lose it with the power, but not with the process. */
  readonly waitsForDisk?: boolean;
}

/** How often a transaction is tried when the database asks for a repetition. */
export const MAX_ATTEMPTS = 5;
