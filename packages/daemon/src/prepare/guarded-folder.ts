// A folder that a model may write into. Nothing below it is reached through a link: one that is planted there would make the
// daemon read, write or remove elsewhere, with the rights of the operator. The folder itself may be a link, because the
// operator chooses where it is. What changes between a look and the act is not seen; a model that is that fast has to win
// against two system calls. spec: daemon-and-cli D-4
import { type Dirent, mkdirSync, type Stats } from 'node:fs';
import { readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { encodeBase64url, encodeUtf8, equalBytes, systemRandom } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import { codeOf } from './error-code.ts';
import { findStats } from './find-stats.ts';
import { type BoundedFile, readBounded } from './read-bounded.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const PROGRAM_MODE = 0o700;
const PERMISSIONS = 0o777;
const NAME_BYTES = 9;

/** Names are relative, with `/` between, and without `..`. An empty one is the folder itself. */
export interface GuardedFolder {
  readonly path: string;
  /** With those above that are missing, for this user only. */
  makeFolder(name: string): void;
  /** Sorted; none when there is no such folder. */
  list(name: string): Promise<readonly Dirent[]>;
  find(name: string): Stats | undefined;
  read(name: string, options: { readonly maxBytes: number }): Promise<BoundedFile | undefined>;
  /**
   * Makes the folders above; for this user only. Whole or not at all, but not durable: for what is made again at the next
   * start. `false`: it was there already, the same to the byte. A link at its place is replaced.
   */
  write(name: string, content: string | Uint8Array, options?: { readonly isProgram?: boolean }): Promise<boolean>;
  /** A file, a link, or a folder with all that is in it. */
  remove(name: string): Promise<void>;
  /** Absolute, in a folder that exists, for functions that take care of links at the place itself. */
  placeFor(name: string): string;
}

export function createGuardedFolder(path: string): GuardedFolder {
  function placeFor(name: string): string {
    makeWay(path, parentOf(name));
    return join(path, name);
  }

  /** `undefined`: there is nothing, not even the folder that it would be in. */
  function placeOf(name: string): string | undefined {
    return isThere(path, parentOf(name)) ? join(path, name) : undefined;
  }

  return {
    path,
    placeFor,
    makeFolder: (name) => makeWay(path, name),
    async list(name) {
      if (!isThere(path, name)) return [];
      const entries = await readdir(join(path, name), { withFileTypes: true });
      return entries.toSorted((left, right) => (left.name < right.name ? -1 : 1));
    },
    find(name) {
      const place = placeOf(name);
      return place === undefined ? undefined : findStats(place);
    },
    async read(name, { maxBytes }) {
      const place = placeOf(name);
      return place === undefined ? undefined : readBounded(place, { maxBytes });
    },
    async write(name, content, { isProgram = false } = {}) {
      const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
      const mode = isProgram ? PROGRAM_MODE : FILE_MODE;
      const place = placeFor(name);
      if (await holds(place, { bytes, mode })) return false;
      await replace(place, { bytes, mode });
      return true;
    },
    async remove(name) {
      const place = placeOf(name);
      if (place !== undefined) await rm(place, { recursive: true, force: true });
    },
  };
}

function parentOf(name: string): string {
  const parent = posix.dirname(name);
  return parent === '.' ? '' : parent;
}

function makeWay(root: string, name: string): void {
  if (findStats(root) === undefined) mkdirSync(root, { recursive: true, mode: FOLDER_MODE });
  for (const folder of foldersTo(root, name)) {
    if (!isFolder(folder)) makeFolder(folder);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: FOLDER_MODE });
  } catch (error) {
    // Somebody else made it meanwhile.
    if (codeOf(error) !== 'EEXIST' || !isFolder(path)) throw error;
  }
}

function isThere(root: string, name: string): boolean {
  return foldersTo(root, name).every(isFolder) && (name !== '' || findStats(root) !== undefined);
}

function foldersTo(root: string, name: string): readonly string[] {
  const parts = name.split('/').filter((part) => part !== '');
  return parts.map((_part, at) => join(root, ...parts.slice(0, at + 1)));
}

function isFolder(path: string): boolean {
  const stats = findStats(path);
  if (stats === undefined) return false;
  if (stats.isDirectory()) return true;
  const what = stats.isSymbolicLink() ? 'a symbolic link' : 'something else than a folder';
  throw new DaemonError(`Cannot use ${path}: it is ${what}; move it away`, { code: 'invalid-file' });
}

interface Content {
  readonly bytes: Uint8Array;
  readonly mode: number;
}

async function holds(path: string, { bytes, mode }: Content): Promise<boolean> {
  const stats = findStats(path);
  if (stats?.isFile() !== true || stats.size !== bytes.length) return false;
  if (process.platform !== 'win32' && (stats.mode & PERMISSIONS) !== mode) return false;
  const file = await readBounded(path, { maxBytes: bytes.length });
  return file !== undefined && equalBytes(file.bytes, bytes);
}

async function replace(path: string, { bytes, mode }: Content): Promise<void> {
  const draft = join(dirname(path), `.${encodeBase64url(systemRandom.bytes(NAME_BYTES))}.tmp`);
  try {
    await writeFile(draft, bytes, { mode, flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    await unlinkQuietly(draft);
    throw error;
  }
}

async function unlinkQuietly(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch {
    // Never made; what failed before is what the caller is told.
  }
}
