// Permissions, where there are any: Windows has none of this kind, and relies on the folder of the profile.
// spec: daemon-and-cli D-2
import type { Stats } from 'node:fs';

export const PRIVATE_FILE_MODE = 0o600;
export const PRIVATE_FOLDER_MODE = 0o700;

const PERMISSIONS = 0o777;
const OF_OTHERS = 0o077;
const STICKY = 0o1000;

export function permissionsOf({ mode }: Pick<Stats, 'mode'>): number {
  return mode & PERMISSIONS;
}

/** Whether other users of the machine may do something with it. */
export function isExposed({ mode }: Pick<Stats, 'mode'>): boolean {
  return process.platform !== 'win32' && (mode & OF_OTHERS) !== 0;
}

/** Ours to repair: not somebody else's, and no folder that is shared on purpose, such as `/tmp`. */
export function isOwn({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): boolean {
  return uid === process.getuid?.() && (mode & STICKY) === 0;
}
