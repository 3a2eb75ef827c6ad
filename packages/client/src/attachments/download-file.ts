// spec: wire-protocol 7.4, 7.5, 7.6, 9.26
import { sleep } from '@puffo/base';
import { type AttachmentMeta, LIMITS, openAttachment, restoreLegacyAttachment } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { DownloadedFile, DownloadOptions, TransferOptions } from './attachments.ts';

export interface DownloadParts {
  readonly http: HttpClient;
  /** How the time between two attempts passes. */
  readonly wait?: (delayMs: number, signal?: AbortSignal) => Promise<void>;
}

/** A message may come before its files can be read. */
const WAITS_MS: readonly number[] = [5000, 5000, 5000];
const TAG_BYTES = 16;

export async function downloadFile(
  parts: DownloadParts,
  attachment: AttachmentMeta,
  { signal, maxBytes = LIMITS.fileBytes }: DownloadOptions = {},
): Promise<Uint8Array> {
  const allowed = Math.min(maxBytes, LIMITS.fileBytes);
  if (attachment.size > allowed) throw tooLarge(attachment.size, allowed);
  const ciphertext = await fetchBlob(parts, attachment, signal);
  if (ciphertext.length > allowed + TAG_BYTES) throw tooLarge(ciphertext.length - TAG_BYTES, allowed);
  const opened = openAttachment(attachment, ciphertext);
  if (opened.kind === 'valid') return restoreLegacyAttachment(opened.value, attachment.size);
  throw new ClientError('Cannot open file: it was changed on the way, or is not the one that the message means', {
    code: 'file-damaged',
    fields: { reason: opened.reason },
  });
}

export async function* downloadFiles(
  parts: DownloadParts,
  attachments: readonly AttachmentMeta[],
  { signal }: TransferOptions = {},
): AsyncGenerator<DownloadedFile> {
  let allowed: number = LIMITS.inboundFilesBytes;
  for (const [index, attachment] of attachments.entries()) {
    signal?.throwIfAborted();
    try {
      if (index >= LIMITS.filesPerMessage) throw tooMany();
      const bytes = await downloadFile(parts, attachment, { signal, maxBytes: Math.min(allowed, LIMITS.fileBytes) });
      allowed -= bytes.length;
      yield { kind: 'file', attachment, bytes };
    } catch (error) {
      if (!(error instanceof ClientError) || error.code === 'aborted') throw error;
      yield { kind: 'failed', attachment, code: error.code, message: error.message };
    }
  }
}

async function fetchBlob(
  { http, wait = sleep }: DownloadParts,
  { blobId }: AttachmentMeta,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  for (let failures = 0; ; failures++) {
    try {
      return await http.call('getBlob', { params: { blob_id: blobId }, signal });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code === 'answer-too-large') throw tooLarge(undefined, LIMITS.fileBytes, error);
      const waitMs = error.status === 404 ? WAITS_MS[failures] : undefined;
      if (waitMs === undefined) throw error;
      await wait(waitMs, signal);
    }
  }
}

function tooLarge(bytes: number | undefined, allowed: number, cause?: unknown): ClientError {
  const size = bytes === undefined ? 'more' : `${bytes}`;
  return new ClientError(`Cannot fetch file: it has ${size} bytes, and at most ${allowed} are allowed here`, {
    code: 'file-too-large',
    cause,
  });
}

function tooMany(): ClientError {
  const message = `Cannot fetch file: the message has more than the ${LIMITS.filesPerMessage} that are allowed`;
  return new ClientError(message, { code: 'file-too-large' });
}
