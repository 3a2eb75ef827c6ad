// Files to be sent, from this disk.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileToUpload } from '@puffo/client';
import { LIMITS } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import { mimeTypeOf } from '../messages/mime-type.ts';

export async function readFiles(paths: readonly string[]): Promise<readonly FileToUpload[]> {
  if (paths.length > LIMITS.filesPerMessage) {
    throw new CliError(
      'usage',
      `Cannot send ${paths.length} files at once: at most ${LIMITS.filesPerMessage} go together`,
    );
  }
  const files: FileToUpload[] = [];
  for (const path of paths) files.push(await readFile(path));
  return files;
}

/** Not more than can be sent is read, whatever the file turns out to be. */
async function readFile(path: string): Promise<FileToUpload> {
  const file = await open(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new CliError('failed', `Cannot send ${path}: it is no file, choose a file`);
    const buffer = new Uint8Array(LIMITS.fileBytes + 1);
    let length = 0;
    for (let bytesRead = -1; bytesRead !== 0 && length < buffer.length; length += bytesRead) {
      ({ bytesRead } = await file.read(buffer, length, buffer.length - length, null));
    }
    if (length > LIMITS.fileBytes) {
      const limit = LIMITS.fileBytes / (1024 * 1024);
      throw new CliError('failed', `Cannot send ${path}: it has more than ${limit} MiB, make it smaller`);
    }
    const filename = basename(path);
    return { filename, mimeType: mimeTypeOf(filename), bytes: buffer.slice(0, length) };
  } finally {
    await file.close();
  }
}
