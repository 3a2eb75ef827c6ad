import { createReadStream, createWriteStream } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { encodeBase64url, systemRandom } from '@puffo/base';
import { ZipFile } from 'yazl';
import { DaemonError } from '../daemon-error.ts';

export type ZipEntry = { readonly name: string; readonly modifiedAt: number } & (
  | { readonly path: string }
  | { readonly text: string }
);

const PRIVATE = 0o600;
const ENTRY_MODE = 0o100600;
const NAME_BYTES = 9;
/** The format knows no earlier time. */
const FIRST_TIME = Date.UTC(1980, 0, 2);

/** Takes the place of `target` when it is complete. For this user only. */
export async function writeZip(target: string, entries: readonly ZipEntry[]): Promise<void> {
  const unique = encodeBase64url(systemRandom.bytes(NAME_BYTES));
  const draft = join(dirname(target), `.${basename(target)}.${unique}.tmp`);
  try {
    await fill(draft, entries);
    await rename(draft, target);
  } catch (cause) {
    await removeIfThere(draft);
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    const message = `Cannot write ${target}${why}: check that its folder exists and can be written, and that nothing changes the agent's files meanwhile`;
    throw new DaemonError(message, { code: 'failed', retryable: true, cause });
  }
}

async function fill(draft: string, entries: readonly ZipEntry[]): Promise<void> {
  const zip = new ZipFile();
  const failed = new Promise<never>((_resolve, reject) => {
    zip.on('error', reject);
  });
  const written = pipeline(zip.outputStream, createWriteStream(draft, { flags: 'wx', mode: PRIVATE }));
  for (const entry of entries) {
    const options = { mtime: new Date(Math.max(FIRST_TIME, entry.modifiedAt)), mode: ENTRY_MODE };
    // One after the other: not all files are open at once.
    zip.addReadStreamLazy(entry.name.replaceAll('\\', '_'), options, (give) => {
      give(null, 'path' in entry ? createReadStream(entry.path) : Readable.from([Buffer.from(entry.text)]));
    });
  }
  zip.end();
  await Promise.race([written, failed]);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch {
    // Never made; what failed before is what the caller is told.
  }
}
