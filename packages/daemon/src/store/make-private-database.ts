// The files of a database hold decrypted messages: private to the user. spec: daemon-and-cli D-2
import { dirname } from 'node:path';
import { makePrivateFolder } from '@puffo/host';
import { makePrivateDatabaseFile, SqlError } from '@puffo/sql';
import { DaemonError } from '../daemon-error.ts';

/** As `makePrivateDatabaseFile`, with its folder. */
export async function makePrivateDatabase(path: string): Promise<string> {
  await makePrivateFolder(dirname(path));
  try {
    return await makePrivateDatabaseFile(path);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new DaemonError(error.message, { code: 'failed', cause: error });
  }
}
