// Secrets from disk. spec: daemon-and-cli 1.9, D-2
import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { decodeUtf8 } from '@puffo/base/light';
import { HostError } from '../host-error.ts';
import { errorCodeOf, reasonOf } from './error-code.ts';
import { isExposed, isOwn, PRIVATE_FILE_MODE } from './modes.ts';

/** Opening a pipe would wait for somebody to write into it. Windows has no such flag. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export interface PrivateFile {
  readonly text: string;
  /**
   * Other users could read it until now. What is ours, and no link, was repaired to 0600; the caller says so to a person, because whoever
   * read it still has it.
   */
  readonly wasExposed: boolean;
}

export interface ReadPrivateFileOptions {
  readonly maxBytes: number;
  /** A file that a person named: who may read it is their business, and nothing is repaired. */
  readonly isForeign?: boolean;
}

/**
 * `undefined`: there is none. Follows links, because whoever can make one in a private folder can read what is in it anyway.
 */
export async function readPrivateFile(
  path: string,
  { maxBytes, isForeign = false }: ReadPrivateFileOptions,
): Promise<PrivateFile | undefined> {
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) {
      throw new HostError(`Cannot read ${path}: it is no file; move it away`, { code: 'not-a-file' });
    }
    const wasExposed = isExposed(stats);
    // Not what a link leads to: it may be anybody's file, and many have to read it.
    if (wasExposed && isOwn(stats) && !isForeign && !(await isLink(path))) await repair(file);
    const bytes = await readBounded(file, { expectedBytes: stats.size, maxBytes });
    if (bytes === undefined) {
      const message = `Cannot read ${path}: it has more than ${maxBytes} bytes, so it is not what it should be; move it away`;
      throw new HostError(message, { code: 'too-large' });
    }
    const text = decodeUtf8(bytes);
    if (text !== undefined) return { text, wasExposed };
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw unreadable(path, error);
  } finally {
    await file.close();
  }
  const message = `Cannot read ${path}: it is not UTF-8 text, so it is damaged; restore it from a backup or move it away`;
  throw new HostError(message, { code: 'not-text' });
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, READ);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path)).isSymbolicLink();
}

async function repair(file: FileHandle): Promise<void> {
  try {
    await file.chmod(PRIVATE_FILE_MODE);
  } catch {
    // A file system that cannot be changed: the caller is told that it is exposed, and can read it all the same.
  }
}

/** As far as it grows while it is read, and not further. `undefined`: it is larger. */
async function readBounded(
  file: FileHandle,
  { expectedBytes, maxBytes }: { readonly expectedBytes: number; readonly maxBytes: number },
): Promise<Uint8Array | undefined> {
  // One more than there should be, to see that there is not.
  let buffer = new Uint8Array(Math.min(expectedBytes, maxBytes) + 1);
  let length = 0;
  while (length <= maxBytes) {
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(buffer.length * 2, maxBytes + 1));
      larger.set(buffer);
      buffer = larger;
    }
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  return undefined;
}

function unreadable(path: string, cause: unknown): HostError {
  const message = `Cannot read ${path} (${reasonOf(cause)}): check that this user owns it and may read it`;
  return new HostError(message, { code: 'unreadable', cause });
}
