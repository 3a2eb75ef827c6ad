// Where files of messages are in a workspace. The model can write there: no link that it puts in the way is followed.
// spec: wire-protocol 7.7, daemon-and-cli 1.1
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { DaemonError } from '../daemon-error.ts';

/** Below the workspace. */
const INBOX: readonly string[] = ['.puffo', 'inbox'];
const PRIVATE_MODE = 0o700;

/** With slashes, from the workspace on. */
export function attachmentPath(messageId: string, name: string): string {
  return [...INBOX, messageId, name].join('/');
}

/** Makes the folder of a message. Fails with a `DaemonError` when something else than folders is in the way. */
export async function makeAttachmentFolder(workspaceDir: string, messageId: string): Promise<string> {
  await mkdir(workspaceDir, { recursive: true, mode: PRIVATE_MODE });
  let folder = workspaceDir;
  for (const name of [...INBOX, messageId]) {
    folder = join(folder, name);
    await makeFolder(folder);
    await requireFolder(folder);
  }
  await requireInside(workspaceDir, messageId);
  return folder;
}

/** `undefined`: there is none. */
export async function findAttachmentsFolder(workspaceDir: string): Promise<string | undefined> {
  let folder = workspaceDir;
  for (const name of INBOX) {
    folder = join(folder, name);
    if (!(await isThere(folder))) return undefined;
    await requireFolder(folder);
  }
  return folder;
}

/** What was a folder a moment ago may be a link by now. */
export async function requireInside(workspaceDir: string, messageId: string): Promise<void> {
  const expected = join(await realpath(workspaceDir), ...INBOX, messageId);
  const found = await realpath(join(workspaceDir, ...INBOX, messageId));
  if (found !== expected) throw inTheWay(found);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: PRIVATE_MODE });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
}

async function requireFolder(path: string): Promise<void> {
  const stats = await lstat(path);
  if (!stats.isDirectory()) throw inTheWay(path);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function inTheWay(path: string): DaemonError {
  const message = `Cannot use ${path} for files of messages: it is a link or no folder; move it away`;
  return new DaemonError(message, { code: 'invalid-file' });
}
