// The bytes of one file, as far as they are wanted. A pipe does not make it wait, and a link is followed only where the
// operator of the machine made it.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DaemonError } from '../daemon-error.ts';
import { codeOf } from './error-code.ts';
import { findStats } from './find-stats.ts';

/** Windows has neither flag; there, a look before it is what sees a link. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const NO_LINK = constants.O_NOFOLLOW ?? 0;

export interface BoundedFile {
  readonly bytes: Uint8Array;
  /** There is more in the file. */
  readonly isCut: boolean;
}

export interface ReadBoundedOptions {
  readonly maxBytes: number;
  /** Only for what no agent can write. */
  readonly followsLinks?: boolean;
}

/** `undefined`: there is none. */
export async function readBounded(
  path: string,
  { maxBytes, followsLinks = false }: ReadBoundedOptions,
): Promise<BoundedFile | undefined> {
  const file = await openIfThere(path, followsLinks);
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw notReadable(path, 'it is no file');
    const buffer = new Uint8Array(Math.min(stats.size, maxBytes));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: buffer.subarray(0, length), isCut: stats.size > maxBytes };
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string, followsLinks: boolean): Promise<FileHandle | undefined> {
  try {
    if (followsLinks) return await open(path, READ);
    if (NO_LINK === 0 && findStats(path)?.isSymbolicLink() === true) throw notReadable(path, 'it is a symbolic link');
    return await open(path, READ | NO_LINK);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw notReadable(path, 'it is a symbolic link');
    throw error;
  }
}

function notReadable(path: string, why: string): DaemonError {
  return new DaemonError(`Cannot read ${path}: ${why}; put the file itself in its place`, { code: 'invalid-file' });
}
