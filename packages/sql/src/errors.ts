import { AppError } from '@puffo/base';

export type SqlErrorCode =
  | 'database_unreachable'
  | 'database_busy'
  | 'database_in_use'
  | 'database_locked'
  | 'migration_failed'
  | 'flush_failed';

export interface SqlErrorOptions {
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** A failure of the database itself, not of a query that was written wrong. */
export class SqlError extends AppError<SqlErrorCode> {
  override readonly name = 'SqlError';

  constructor(code: SqlErrorCode, message: string, options: SqlErrorOptions = {}) {
    super(message, { code, ...options });
  }
}
