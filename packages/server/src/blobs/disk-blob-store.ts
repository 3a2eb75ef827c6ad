// Blobs as files. A blob is written beside its place, flushed, and renamed into it: whoever finds one finds it whole.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobId } from '@puffo/protocol';
import type { BlobStore } from './blob-store.ts';

export async function openDiskBlobStore(folder: string): Promise<BlobStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    async put(blobId, bytes) {
      const path = blobPath(folder, blobId);
      await makeFolders(folder, path);
      // Two who store the same blob at once must not write one file.
      const unfinished = `${path}.${randomUUID()}.part`;
      try {
        await writeDurably(unfinished, bytes);
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      await flushFolder(dirname(path));
    },
    async get(blobId) {
      try {
        return await readFile(blobPath(folder, blobId));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    delete: (blobId) => rm(blobPath(folder, blobId), { force: true }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Two levels of folders keep each of them small, whatever ids look like. */
function blobPath(folder: string, blobId: BlobId): string {
  const hash = createHash('sha256').update(blobId).digest('hex');
  return join(folder, hash.slice(0, 2), hash.slice(2, 4), blobId);
}

async function makeFolders(folder: string, path: string): Promise<void> {
  const inner = dirname(path);
  const made = await mkdir(inner, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  await flushFolder(dirname(inner));
  await flushFolder(folder);
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The name of a file is data of its folder. */
async function flushFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
