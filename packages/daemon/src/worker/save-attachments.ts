// Files of a message, decrypted into the workspace before the turn that it starts. A file that cannot be had is named and left
// out: the message counts all the same. spec: wire-protocol 7.4, 7.6, 7.7, daemon-and-cli 3.6
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@puffo/base';
import { type Attachments, ClientError } from '@puffo/client';
import { HostError, writePrivateFile } from '@puffo/host';
import { type AttachmentMeta, type EnvelopeId, LIMITS } from '@puffo/protocol';
import { DaemonError } from '../daemon-error.ts';
import { attachmentPath, isCode, makeAttachmentFolder, requireInside } from './attachment-folder.ts';
import { attachmentNames } from './attachment-names.ts';

export interface SaveAttachmentsOptions {
  /** Waits for files that are not there yet. */
  readonly attachments: Pick<Attachments, 'downloadFile'>;
  /** Absolute. */
  readonly workspaceDir: string;
  readonly messageId: EnvelopeId;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

export interface SavedAttachments {
  readonly saved: readonly SavedAttachment[];
  readonly failed: readonly FailedAttachment[];
}

export interface SavedAttachment {
  /** From the workspace on, with slashes. */
  readonly path: string;
  readonly name: string;
  /** As the sender says; may be empty. */
  readonly mimeType: string;
  readonly bytes: number;
}

export interface FailedAttachment {
  /** Safe to show. */
  readonly name: string;
  /** In plain words: "it is too large". */
  readonly reason: string;
}

const NO_ROOM = 'the files of this message are too large together';
const NO_FOLDER = 'its folder in the workspace cannot be used';

/** What is there already is not fetched again. Fails only when it is aborted. */
export async function saveAttachments(
  files: readonly AttachmentMeta[],
  options: SaveAttachmentsOptions,
): Promise<SavedAttachments> {
  const saved: SavedAttachment[] = [];
  const failed: FailedAttachment[] = [];
  const names = attachmentNames(files);
  let room: number = LIMITS.inboundFilesBytes;
  for (const [index, file] of files.entries()) {
    options.signal.throwIfAborted();
    const name = names[index] ?? file.blobId;
    const result = index < LIMITS.filesPerMessage ? await saveFile({ file, name, room }, options) : tooMany();
    if (result.kind === 'failed') {
      options.logger.warn('attachment-failed', { messageId: options.messageId, index, code: result.code });
      failed.push({ name, reason: result.reason });
      continue;
    }
    room -= result.bytes;
    const path = attachmentPath(options.messageId, name);
    saved.push({ path, name, mimeType: file.mimeType, bytes: result.bytes });
  }
  return { saved, failed };
}

interface FileToSave {
  readonly file: AttachmentMeta;
  readonly name: string;
  /** Bytes that this message may still take. */
  readonly room: number;
}

type SaveResult =
  | { readonly kind: 'saved'; readonly bytes: number }
  | { readonly kind: 'failed'; readonly code: string; readonly reason: string };

async function saveFile({ file, name, room }: FileToSave, options: SaveAttachmentsOptions): Promise<SaveResult> {
  const { attachments, workspaceDir, messageId, signal } = options;
  if (file.size > room && file.size <= LIMITS.fileBytes) return failure('message-too-large', NO_ROOM);
  try {
    const folder = await makeAttachmentFolder(workspaceDir, messageId);
    const path = join(folder, name);
    const known = await sizeOf(path);
    if (known === file.size) return { kind: 'saved', bytes: known };
    const bytes = await attachments.downloadFile(file, { signal, maxBytes: Math.min(room, LIMITS.fileBytes) });
    await requireInside(workspaceDir, messageId);
    await writePrivateFile(path, bytes);
    return { kind: 'saved', bytes: bytes.length };
  } catch (error) {
    return failureOf(error, options);
  }
}

/** Of a file; `undefined` when there is none. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const stats = await lstat(path);
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function failureOf(error: unknown, { signal }: SaveAttachmentsOptions): SaveResult {
  if (signal.aborted) throw error;
  if (error instanceof ClientError) return failure(error.apiCode ?? error.code, reasonOf(error));
  if (error instanceof DaemonError) return failure(error.code, NO_FOLDER);
  if (error instanceof HostError) return failure(error.code, 'it cannot be written into the workspace');
  // Of the system: a full disk, a folder that may not be read.
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
  return failure(code, NO_FOLDER);
}

function reasonOf({ code, status }: ClientError): string {
  if (code === 'file-too-large') return 'it is too large';
  if (code === 'file-damaged') return 'it is damaged';
  return status === 404 ? 'the server does not have it' : 'the server did not give it';
}

function tooMany(): SaveResult {
  return failure('too-many-files', `the message has more than ${LIMITS.filesPerMessage} files`);
}

function failure(code: string, reason: string): SaveResult {
  return { kind: 'failed', code, reason };
}
