// Whether a file is another one than before, without reading it. Synchronous: a call costs microseconds, and a tick makes
// thousands. spec: daemon-and-cli D-50
import { type Stats, statSync } from 'node:fs';

export interface FileStamp {
  readonly changedAt: number;
  readonly modifiedAt: number;
  readonly size: number;
  readonly inode: number;
  readonly isFile: boolean;
}

/** What changes twice within the steps of a file system's clock looks the same. */
const CLOCK_STEP_MS = 2000;

/** `undefined`: there is none. Fails when it cannot be looked at. */
export function readStamp(path: string): FileStamp | undefined {
  const stats = findStats(path);
  if (stats === undefined) return undefined;
  return {
    changedAt: stats.ctimeMs,
    modifiedAt: stats.mtimeMs,
    size: stats.size,
    inode: stats.ino,
    isFile: stats.isFile(),
  };
}

function findStats(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A part of the path is a file.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

export function isSameStamp(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.modifiedAt === b.modifiedAt && a.size === b.size && a.inode === b.inode && a.changedAt === b.changedAt;
}

/** Whether a later change would be seen: what was read just after it was written has to be read once more. */
export function isSettled(stamp: FileStamp | undefined, now: number): boolean {
  return stamp === undefined || stamp.changedAt + CLOCK_STEP_MS < now;
}
