// Files of old messages do not stay for ever, where the operator wants it so. spec: daemon-and-cli D-24
import { lstat, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isEnvelopeId } from '@puffo/protocol';
import { findAttachmentsFolder } from './attachment-folder.ts';

/** Of one run. */
const MAX_MESSAGES = 1000;

/**
 * Removes the files of messages that nothing was changed in since `changedBefore` (ms). At most 1000 messages at once; returns
 * how many. What has another name than a message is somebody else's, and stays.
 */
export async function forgetOldAttachments(
  workspaceDir: string,
  { changedBefore, signal }: { readonly changedBefore: number; readonly signal?: AbortSignal },
): Promise<number> {
  const inbox = await findAttachmentsFolder(workspaceDir);
  if (inbox === undefined) return 0;
  let count = 0;
  for await (const entry of await opendir(inbox)) {
    signal?.throwIfAborted();
    if (!entry.isDirectory() || !isEnvelopeId(entry.name)) continue;
    const folder = join(inbox, entry.name);
    const { mtimeMs } = await lstat(folder);
    if (mtimeMs >= changedBefore) continue;
    await rm(folder, { recursive: true, force: true });
    if (++count === MAX_MESSAGES) break;
  }
  return count;
}
