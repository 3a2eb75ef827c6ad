// Files that go with a message: encrypted one by one, each under a key of its own. spec: wire-protocol 7.1, 7.2, 14.7
import { concatBytes, encodeBase64url, encodeUtf8, type Random } from '@puffo/base';
import { aeadOpen, aeadSeal, NONCE_BYTES, TAG_BYTES } from '../crypto/aead.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { ProtocolError, type Verdict, verdictOf } from '../errors.ts';
import { LABELS } from '../labels.ts';
import { LIMITS } from '../limits.ts';
import { decodeBytes } from '../members.ts';

/** What one needs to decrypt a file. Name and type are part of it: they are bound to the ciphertext byte by byte. */
export interface AttachmentKey {
  /** Base name as the sender wrote it; sanitise before it becomes a path. */
  readonly filename: string;
  /** May be empty. */
  readonly mimeType: string;
  /** base64url of 32 bytes. */
  readonly key: string;
  /** base64url of 12 bytes. */
  readonly nonce: string;
}

const SEPARATOR = Uint8Array.of(0);

export function attachmentAad(
  { filename, mimeType }: Pick<AttachmentKey, 'filename' | 'mimeType'>,
  label: string = LABELS.attachmentAad,
): Uint8Array {
  if (filename.includes('\0') || mimeType.includes('\0')) throw invalid('filename', 'a NUL makes it ambiguous');
  if (!filename.isWellFormed() || !mimeType.isWellFormed()) throw invalid('filename', 'it is not well-formed Unicode');
  return concatBytes(encodeUtf8(label), SEPARATOR, encodeUtf8(mimeType), SEPARATOR, encodeUtf8(filename));
}

export interface FileToSeal {
  readonly filename: string;
  readonly mimeType: string;
  /** At most `LIMITS.fileBytes`. */
  readonly bytes: Uint8Array;
}

export interface SealedFile extends AttachmentKey {
  /** Bytes of the plaintext. */
  readonly size: number;
  /** To be uploaded; 16 bytes longer than the file. */
  readonly ciphertext: Uint8Array;
}

export function sealAttachment({ filename, mimeType, bytes }: FileToSeal, random: Random): SealedFile {
  if (bytes.length > LIMITS.fileBytes) {
    throw new ProtocolError('too_large', `Cannot seal file: ${bytes.length} bytes, allowed ${LIMITS.fileBytes}`, {
      field: 'attachment',
    });
  }
  const aad = attachmentAad({ filename, mimeType });
  const key = random.bytes(KEY_BYTES);
  const nonce = random.bytes(NONCE_BYTES);
  const ciphertext = aeadSeal({ key, nonce, aad }, bytes);
  return {
    filename,
    mimeType,
    key: encodeBase64url(key),
    nonce: encodeBase64url(nonce),
    size: bytes.length,
    ciphertext,
  };
}

/** The file, when `ciphertext` is what was sealed under this key, name and type. */
export function openAttachment(attachment: AttachmentKey, ciphertext: Uint8Array): Verdict<Uint8Array> {
  return verdictOf(() => {
    if (ciphertext.length > LIMITS.fileBytes + TAG_BYTES) {
      throw new ProtocolError('too_large', `Cannot open file: ${ciphertext.length} bytes`, { field: 'attachment' });
    }
    const key = decodeBytes(attachment.key, { field: 'attachment.key', length: KEY_BYTES });
    const nonce = decodeBytes(attachment.nonce, { field: 'attachment.nonce', length: NONCE_BYTES });
    for (const label of [LABELS.attachmentAad, LABELS.blobAad]) {
      const plaintext = aeadOpen({ key, nonce, aad: attachmentAad(attachment, label) }, ciphertext);
      if (plaintext !== undefined) return plaintext;
    }
    const message = 'Cannot open file: it was changed, or its key, name or type is not the one it was sealed with';
    throw new ProtocolError('aead_open_failed', message, { field: 'attachment' });
  });
}

function invalid(member: string, problem: string): ProtocolError {
  const field = `attachment.${member}`;
  return new ProtocolError('attachment_invalid', `Cannot use ${field}: ${problem}`, { field });
}
