// The secrets of one folder, by name: what a folder of keys needs of the system, as one object to pass on.
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '../host-error.ts';
import { errorCodeOf, reasonOf } from './error-code.ts';
import { makePrivateFolder } from './make-private-folder.ts';
import { type PrivateFile, readPrivateFile } from './read-private-file.ts';
import { withFileLock } from './with-file-lock.ts';
import { writePrivateFile } from './write-file-atomically.ts';

export interface PrivateFiles {
  /** For messages. */
  readonly folder: string;
  /** Names of files, in no order; none when there is no folder. */
  list(): Promise<readonly string[]>;
  read(name: string): Promise<PrivateFile | undefined>;
  /** Makes the folder. Whole or not at all, and durable when it resolves. */
  write(name: string, text: string): Promise<void>;
  /** Nothing happens when there is none. */
  remove(name: string): Promise<void>;
  /** While `work` runs, nobody else on this folder is inside of one with the same name, in whatever process. */
  lock<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

export interface PrivateFilesOptions {
  /** Of one file. */
  readonly maxBytes: number;
}

/** Names come from our own code: they are not checked for separators. */
export function createPrivateFiles(folder: string, { maxBytes }: PrivateFilesOptions): PrivateFiles {
  function pathOf(name: string): string {
    return join(folder, name);
  }
  return {
    folder,
    list: () => listFiles(folder),
    read: (name) => readPrivateFile(pathOf(name), { maxBytes }),
    async write(name, text) {
      await makePrivateFolder(folder);
      await writePrivateFile(pathOf(name), text);
    },
    remove: (name) => removeFile(pathOf(name)),
    async lock(name, work) {
      await makePrivateFolder(folder);
      return withFileLock(pathOf(`.${name}.lock`), work);
    },
  };
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name);
  } catch (cause) {
    if (errorCodeOf(cause) === 'ENOENT') return [];
    const message = `Cannot list ${folder} (${reasonOf(cause)}): check that this user owns it and may read it`;
    throw new HostError(message, { code: 'unreadable', cause });
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    if (errorCodeOf(cause) === 'ENOENT') return;
    const message = `Cannot remove ${path} (${reasonOf(cause)}): check that its folder can be written`;
    throw new HostError(message, { code: 'unwritable', cause });
  }
}
