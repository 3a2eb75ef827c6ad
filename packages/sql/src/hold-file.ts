import Libsql from 'libsql';
import { SqlError } from './errors.ts';

/**
 * Holds the file for one owner, until it is closed or its process ends, however that happens: SQLite's own lock goes with the
 * process. Fails with `database_in_use` while somebody else holds it. Makes the file; what is in it means nothing.
 */
export function holdFile(path: string): AsyncDisposable {
  const holder = new Libsql(path);
  try {
    holder.exec('begin exclusive');
  } catch (cause) {
    holder.close();
    const isBusy = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'SQLITE_BUSY';
    if (!isBusy) throw cause;
    throw new SqlError('database_in_use', `Cannot hold ${path}: another process does`, { cause, retryable: true });
  }
  return {
    [Symbol.asyncDispose]() {
      holder.close();
      return Promise.resolve();
    },
  };
}
