// Databases with secrets in them: for their user only.
import { chmod, lstat, open, realpath } from 'node:fs/promises';
import { SqlError } from './errors.ts';

const PRIVATE = 0o600;
/** SQLite makes them with the permissions of the database; those of a crash may be older. */
const SUFFIXES = ['', '-wal', '-shm'];

/**
 * Makes the file when there is none; its folder exists. It is 0600 afterwards, except where a link leads to it: that may be
 * anybody's file. Returns where it is, because SQLite puts its other files beside that. Fails with `database_unreachable`.
 */
export async function makePrivateDatabaseFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'a', PRIVATE);
    await file.close();
    const realPath = await realpath(path);
    if ((await lstat(path)).isSymbolicLink()) return realPath;
    for (const suffix of SUFFIXES) await chmodIfThere(realPath + suffix);
    return realPath;
  } catch (cause) {
    const message = `Cannot open ${path}: check that its folder exists, and that this user owns the file`;
    throw new SqlError('database_unreachable', message, { cause });
  }
}

async function chmodIfThere(path: string): Promise<void> {
  try {
    await chmod(path, PRIVATE);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) throw error;
  }
}
