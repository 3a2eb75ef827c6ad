// spec: daemon-and-cli D-2
import { chmod, mkdir, stat } from 'node:fs/promises';
import { HostError } from '../host-error.ts';
import { errorCodeOf, reasonOf } from './error-code.ts';
import { isExposed, isOwn, PRIVATE_FOLDER_MODE } from './modes.ts';

export interface PrivateFolder {
  /** Other users could look into it until now. What is ours was repaired to 0700. */
  readonly wasExposed: boolean;
}

/** Makes it, and the folders above that are missing, for this user only. */
export async function makePrivateFolder(path: string): Promise<PrivateFolder> {
  try {
    await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER_MODE });
    const stats = await stat(path);
    const wasExposed = isExposed(stats);
    if (wasExposed && isOwn(stats)) await chmod(path, PRIVATE_FOLDER_MODE);
    return { wasExposed };
  } catch (cause) {
    const code = errorCodeOf(cause);
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      const message = `Cannot make folder ${path}: a file is in its way; move it away`;
      throw new HostError(message, { code: 'not-a-folder', cause });
    }
    const message = `Cannot make folder ${path} (${reasonOf(cause)}): check that the folder above can be written`;
    throw new HostError(message, { code: 'unwritable', cause });
  }
}
