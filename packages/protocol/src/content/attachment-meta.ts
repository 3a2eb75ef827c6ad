// What a message says about one attached file: where the bytes are and how to open them. Two spellings are read, one is
// written. spec: wire-protocol 7.1
import { decodeBase64url, encodeUtf8, isJsonObject, type JsonObject } from '@puffo/base';
import { NONCE_BYTES } from '../crypto/aead.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { ProtocolError } from '../errors.ts';
import { type BlobId, isBlobId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import type { AttachmentKey } from './attachment.ts';

/** What a writer knows of an uploaded file. Name and type are kept as they are, because they enter the AAD. */
export interface OutgoingAttachment extends AttachmentKey {
  readonly blobId: BlobId;
  /** Bytes of the plaintext, as the sender says. */
  readonly size: number;
}

/** As read. `filename` may hold separators, be `..` or empty: sanitise before it becomes a path. */
export interface AttachmentMeta extends OutgoingAttachment {
  /** The spelling it came in. */
  readonly form: 'attachment' | 'file-reference';
}

interface Spelling {
  readonly form: AttachmentMeta['form'];
  readonly mimeType: string;
  readonly size: string;
  readonly key: string;
  readonly nonce: string;
}

const ATTACHMENT: Spelling = { form: 'attachment', mimeType: 'mime_type', size: 'size', key: 'key', nonce: 'nonce' };
/** Its `sha256` is not read: over which bytes it goes is not known, and the tag of the ciphertext says more. */
const FILE_REFERENCE: Spelling = {
  form: 'file-reference',
  mimeType: 'content_type',
  size: 'size_bytes',
  key: 'content_key',
  nonce: 'aead_nonce',
};

/** The attachment, or `undefined` when a member is missing or does not fit. */
export function readAttachmentMeta(value: unknown): AttachmentMeta | undefined {
  if (!isJsonObject(value)) return undefined;
  if (value['type'] === 'file_reference') return value['version'] === 1 ? readAs(FILE_REFERENCE, value) : undefined;
  return readAs(ATTACHMENT, value);
}

/** The first form of the wire. Throws for what readers would skip, or could take for something else. */
export function attachmentMeta(attachment: OutgoingAttachment): JsonObject {
  const { blobId, filename, mimeType, size, key, nonce } = attachment;
  requireWritable(isBlobId(blobId), 'blob_id');
  requireWritable(isBaseName(filename) && isBoundName(filename), 'filename');
  requireWritable(isBoundName(mimeType), 'mime_type');
  requireWritable(isSize(size), 'size');
  requireWritable(isBytes(key, KEY_BYTES), 'key');
  requireWritable(isBytes(nonce, NONCE_BYTES), 'nonce');
  return { blob_id: blobId, filename, mime_type: mimeType, size, key, nonce };
}

function readAs(spelling: Spelling, value: JsonObject): AttachmentMeta | undefined {
  const blobId = value['blob_id'];
  const filename = value['filename'];
  const mimeType = value[spelling.mimeType];
  const size = value[spelling.size];
  const key = value[spelling.key];
  const nonce = value[spelling.nonce];
  if (!isBlobId(blobId) || !isBoundName(filename) || !isBoundName(mimeType) || !isSize(size)) return undefined;
  if (!isBytes(key, KEY_BYTES) || !isBytes(nonce, NONCE_BYTES)) return undefined;
  return { form: spelling.form, blobId, filename, mimeType, size, key, nonce };
}

function isBytes(value: unknown, bytes: number): value is string {
  if (typeof value !== 'string' || value.length !== Math.ceil((bytes * 4) / 3)) return false;
  return decodeBase64url(value) !== undefined;
}

/** Names enter the AAD between zero bytes: one with a NUL could stand for another pair of names. */
function isBoundName(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > LIMITS.filenameBytes) return false;
  if (value.includes('\0') || !value.isWellFormed()) return false;
  return encodeUtf8(value).length <= LIMITS.filenameBytes;
}

function isBaseName(filename: string): boolean {
  return filename !== '' && filename !== '.' && filename !== '..' && !filename.includes('/');
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function requireWritable(fits: boolean, field: string): void {
  if (fits) return;
  throw new ProtocolError('attachment_invalid', `Cannot write attachment: ${field} does not fit`, { field });
}
