// The files of a database hold decrypted messages: private to the user. spec: daemon-and-cli D-2
import { chmod, open, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makePrivateFolder } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';

const PRIVATE = 0o600;
/** SQLite makes them with the permissions of the database; those of a crash may be older. */
const SUFFIXES = ['', '-wal', '-shm'];

/** Makes it when there is none, and its folder; it is 0600 afterwards. Returns where it really is, which may be behind a link. */
export async function makePrivateDatabaseFile(path: string): Promise<string> {
  await makePrivateFolder(dirname(path));
  try {
    const file = await open(path, 'a', PRIVATE);
    await file.close();
    const realPath = await realpath(path);
    for (const suffix of SUFFIXES) await chmodIfThere(realPath + suffix);
    return realPath;
  } catch (cause) {
    const message = `Cannot open ${path}: this user cannot write there; check who owns the file and its folder`;
    throw new DaemonError(message, { code: 'failed', cause });
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
