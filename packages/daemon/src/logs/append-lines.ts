// Adds whole lines to a log. The file is open only meanwhile: a hundred idle agents cost no handle. What has grown is moved
// aside, and the oldest part goes. spec: daemon-and-cli D-30
import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makePrivateFolder } from '@puffo/host';
import { filesOf } from './log-paths.ts';

const FILE_MODE = 0o600;
const OF_OTHERS = 0o077;
const LINE_BREAK = 0x0a;
/** A link in place of a log is not followed. Windows has no such flag. */
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

export interface AppendOptions {
  /** Of one file; the next batch begins a new one. */
  readonly maxBytes: number;
}

/** `text` ends with a line break. */
export async function appendLines(path: string, text: string, { maxBytes }: AppendOptions): Promise<void> {
  const bytes = Buffer.from(text);
  let file = await openLog(path);
  try {
    const { size, mode } = await file.stat();
    if ((mode & OF_OTHERS) !== 0 && process.platform !== 'win32') await file.chmod(FILE_MODE);
    if (size > 0 && size + bytes.length > maxBytes) {
      await file.close();
      await moveAside(path);
      file = await openLog(path);
    } else if (size > 0 && !(await endsWithLineBreak(file, size))) {
      // A full disk or a kill has cut the last line: the next one must not be glued to it.
      await file.appendFile('\n');
    }
    await file.appendFile(bytes);
  } finally {
    await file.close();
  }
}

async function openLog(path: string): Promise<FileHandle> {
  try {
    return await open(path, APPEND, FILE_MODE);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await makePrivateFolder(dirname(path));
    return open(path, APPEND, FILE_MODE);
  }
}

async function endsWithLineBreak(file: FileHandle, size: number): Promise<boolean> {
  const last = new Uint8Array(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] === LINE_BREAK;
}

async function moveAside(path: string): Promise<void> {
  const files = filesOf(path);
  for (let age = files.length - 1; age > 0; age--) {
    try {
      await rename(files[age - 1] ?? path, files[age] ?? path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
