// What this user's puffo-cli keeps on disk. spec: daemon-and-cli 1.9
import { isAbsolute, join } from 'node:path';
import type { ClientContext } from '@puffo/client';
import { createKeyFolder, type KeyFolder } from '@puffo/client/node';
import { createPrivateFiles, dataFolderOf, makePrivateFolder, type PrivateFiles } from '@puffo/host';
import type { World } from '../world.ts';

export interface DataFolder {
  readonly path: string;
  /** Of the folder itself: settings. */
  readonly files: PrivateFiles;
  readonly keyFiles: PrivateFiles;
  readonly keys: KeyFolder;
  /** Of an identity. Its folder is there afterwards. */
  readonly makeDatabasePath: (slug: string) => Promise<string>;
}

/** Own addition: another folder than that of the system, written in full. */
export const DATA_FOLDER_VARIABLE = 'PUFFO_CLI_HOME';
const MAX_FILE_BYTES = 1024 * 1024;

export function openDataFolder(
  { platform, env, home }: World,
  context: Pick<ClientContext, 'clock' | 'log'>,
): DataFolder {
  const chosen = env[DATA_FOLDER_VARIABLE] ?? '';
  const path = isAbsolute(chosen) ? chosen : dataFolderOf({ platform, environment: env, homeFolder: home });
  const keyFiles = createPrivateFiles(join(path, 'keys'), { maxBytes: MAX_FILE_BYTES });
  return {
    path,
    files: createPrivateFiles(path, { maxBytes: MAX_FILE_BYTES }),
    keyFiles,
    keys: createKeyFolder({ files: keyFiles, context }),
    async makeDatabasePath(slug) {
      await makePrivateFolder(path);
      return join(path, `${slug}.db`);
    },
  };
}
