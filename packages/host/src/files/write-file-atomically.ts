// Files that are there whole or not at all, and on disk when the promise resolves: a new file takes the place of the old
// one. spec: daemon-and-cli 1.3, D-2, D-13
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { encodeBase64url, sleep, systemRandom } from '@puffo/base';
import { HostError } from '../host-error.ts';
import { errorCodeOf, reasonOf } from './error-code.ts';
import { permissionsOf, PRIVATE_FILE_MODE } from './modes.ts';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
const ORDINARY_FILE_MODE = 0o666;
const NAME_BYTES = 9;
/** What is not there, or cannot be asked for, on this file system or platform. */
const NO_FOLDER_SYNC: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EACCES']);
/** Windows refuses to replace a file while a virus scanner or an indexer looks at it. */
const BUSY_ON_WINDOWS: ReadonlySet<string | undefined> = new Set(['EPERM', 'EACCES', 'EBUSY']);
const RENAME_ATTEMPTS = 20;
const RENAME_PAUSE_MS = 25;

/**
 * For secrets: nobody else can read the file, at no moment, also where an older one was open to others. Refuses when a link
 * stands at `path`: whoever put it there wants the secret elsewhere, and neither following nor replacing it would be seen.
 */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const old = await statTarget(path);
  if (old?.isSymbolicLink() === true) {
    const message = `Cannot write ${path}: it is a symbolic link; put the file itself in its place`;
    throw new HostError(message, { code: 'symbolic-link' });
  }
  await replaceFile(path, { content, createMode: PRIVATE_FILE_MODE, keepMode: undefined });
}

/**
 * For what is not secret by itself. Keeps the permissions of an older file. A link at `path` is replaced, as 0.7.2 does, and
 * what it points to is left alone: a link in a folder of an agent cannot make us write elsewhere.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const old = await statTarget(path);
  const keepMode = old?.isFile() === true ? permissionsOf(old) : undefined;
  // Never wider than the old one, not even before its permissions are copied.
  const createMode = keepMode === undefined ? ORDINARY_FILE_MODE : PRIVATE_FILE_MODE;
  await replaceFile(path, { content, createMode, keepMode });
}

async function statTarget(path: string): Promise<Stats | undefined> {
  let stats: Stats;
  try {
    stats = await lstat(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw unwritable(path, error);
  }
  if (stats.isFile() || stats.isSymbolicLink()) return stats;
  throw new HostError(`Cannot write ${path}: something else than a file is there; move it away`, {
    code: 'not-a-file',
  });
}

interface Replacement {
  readonly content: string | Uint8Array;
  readonly createMode: number;
  readonly keepMode: number | undefined;
}

async function replaceFile(path: string, replacement: Replacement): Promise<void> {
  const temporary = temporaryPathOf(path);
  try {
    await writeNewFile(temporary, replacement);
    await renameOver(temporary, path);
  } catch (error) {
    await removeIfThere(temporary);
    throw unwritable(path, error);
  }
  await syncFolder(dirname(path));
}

/** Beside the target, because renaming is atomic on one file system only. No list of `*.json` shows it. */
function temporaryPathOf(path: string): string {
  const unique = encodeBase64url(systemRandom.bytes(NAME_BYTES));
  return join(dirname(path), `.${basename(path)}.${unique}.tmp`);
}

async function writeNewFile(path: string, { content, createMode, keepMode }: Replacement): Promise<void> {
  // Exclusive: fails when anything is there, also a link to nowhere.
  const file = await open(path, NEW_FILE, createMode);
  try {
    await file.writeFile(content);
    if (keepMode !== undefined) await file.chmod(keepMode);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const mayPass = process.platform === 'win32' && BUSY_ON_WINDOWS.has(errorCodeOf(error));
      if (!mayPass || attempt === RENAME_ATTEMPTS) throw error;
      await sleep(RENAME_PAUSE_MS);
    }
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch {
    // It was never made, or has its name already; what failed before is what the caller is told.
  }
}

/** Without it, the new name may be forgotten with the power. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, constants.O_RDONLY);
    await folder.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(errorCodeOf(error))) throw unwritable(path, error);
  } finally {
    await folder?.close();
  }
}

function unwritable(path: string, cause: unknown): HostError {
  const message = `Cannot write ${path} (${reasonOf(cause)}): check that its folder exists, can be written and has room`;
  return new HostError(message, { code: 'unwritable', cause });
}
