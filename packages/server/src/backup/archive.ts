// A backup is one tar file: the database, the blobs, and last a manifest with the digest of all that came before.
import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { AdministratorError } from '../config/administrator-error.ts';
import { BLOCK_BYTES, decodeHeader, encodeHeader, isEnd, paddingOf, type TarEntry } from './ustar.ts';

export const DATABASE_ENTRY = 'puffo-server.db';
export const BLOB_FOLDER = 'blobs/';
export const MANIFEST_ENTRY = 'manifest.json';
export const MAX_MANIFEST_BYTES = 4096;

const CHUNK_BYTES = 1024 * 1024;

export interface ArchiveWriter {
  add(name: string, bytes: Uint8Array): Promise<void>;
  addFile(name: string, file: FileHandle): Promise<void>;
  /** Of everything so far, hexadecimal. */
  digest(): string;
  /** Writes the end, and waits for the disk. */
  finish(): Promise<void>;
}

export function createArchiveWriter(target: FileHandle, now: number): ArchiveWriter {
  const hash = createHash('sha256');

  async function write(bytes: Uint8Array): Promise<void> {
    hash.update(bytes);
    await target.writeFile(bytes);
  }

  return {
    async add(name, bytes) {
      await write(encodeHeader({ name, size: bytes.length }, now));
      await write(bytes);
      await write(new Uint8Array(paddingOf(bytes.length)));
    },
    async addFile(name, file) {
      const { size } = await file.stat();
      await write(encodeHeader({ name, size }, now));
      for await (const chunk of readChunks(file, { start: 0, size })) await write(chunk);
      await write(new Uint8Array(paddingOf(size)));
    },
    digest: () => digestOf(hash),
    async finish() {
      await write(new Uint8Array(2 * BLOCK_BYTES));
      await target.sync();
    },
  };
}

/** An entry, and where its bytes are. */
export interface FoundEntry extends TarEntry {
  readonly start: number;
  /** Of everything before this entry. */
  readonly digestBefore: string;
}

/** Reads the whole file once, hashing. Fails with a sentence when it is cut off or something else. */
export async function* readArchive(source: FileHandle): AsyncGenerator<FoundEntry> {
  const hash = createHash('sha256');
  let position = 0;
  for (;;) {
    const digestBefore = digestOf(hash);
    const block = await readExactly(source, { start: position, size: BLOCK_BYTES });
    if (isEnd(block)) return;
    const entry = decodeHeader(block);
    if (entry === undefined) throw new AdministratorError('state', 'Cannot restore: the file is no backup, or damaged');
    hash.update(block);
    const start = position + BLOCK_BYTES;
    const bytes = entry.size + paddingOf(entry.size);
    for await (const chunk of readChunks(source, { start, size: bytes })) hash.update(chunk);
    position = start + bytes;
    yield { ...entry, start, digestBefore };
  }
}

export interface Range {
  readonly start: number;
  readonly size: number;
}

/** Pieces that fit into memory; each is valid until the next is asked for. */
export async function* readChunks(source: FileHandle, { start, size }: Range): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size; done += CHUNK_BYTES) {
    yield await readExactly(source, { start: start + done, size: Math.min(CHUNK_BYTES, size - done) });
  }
}

export async function readExactly(source: FileHandle, { start, size }: Range): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let filled = 0; filled < size;) {
    const { bytesRead } = await source.read(bytes, filled, size - filled, start + filled);
    if (bytesRead === 0) throw new AdministratorError('state', 'Cannot restore: the file is cut off, or no backup');
    filled += bytesRead;
  }
  return bytes;
}

function digestOf(hash: Hash): string {
  return hash.copy().digest('hex');
}
