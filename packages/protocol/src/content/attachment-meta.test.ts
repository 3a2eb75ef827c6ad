import { seededRandom } from '@puffo/base';
import { describe, expect, it } from 'vitest';
import { createBlobId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { openAttachment, sealAttachment } from './attachment.ts';
import { attachmentMeta, readAttachmentMeta } from './attachment-meta.ts';

const random = seededRandom(7);
const key = 'A'.repeat(43);
const nonce = 'B'.repeat(16);
const blobId = createBlobId(random);
const plain = { blob_id: blobId, filename: 'notes.txt', mime_type: 'text/plain', size: 18, key, nonce };
const reference = {
  type: 'file_reference',
  version: 1,
  blob_id: blobId,
  filename: 'notes.txt',
  content_type: 'text/plain',
  size_bytes: 18,
  content_key: key,
  aead_nonce: nonce,
  sha256: key,
};
const read = { blobId, filename: 'notes.txt', mimeType: 'text/plain', size: 18, key, nonce };

describe('readAttachmentMeta', () => {
  it.each([
    ['the first form', plain, 'attachment'],
    ['the file reference', reference, 'file-reference'],
    ['the file reference without its hash', { ...reference, sha256: undefined }, 'file-reference'],
    ['unknown members', { ...plain, width: 640 }, 'attachment'],
    ['another type with the members of the first form', { ...plain, type: 'attachment' }, 'attachment'],
  ])('reads %s', (_name, value, form) => {
    expect(readAttachmentMeta(value)).toEqual({ ...read, form });
  });

  it.each([
    ['an empty type', { ...plain, mime_type: '' }],
    ['an empty name', { ...plain, filename: '' }],
    ['a name that is no safe path', { ...plain, filename: '../../etc/passwd' }],
    ['a name of the longest kind', { ...plain, filename: 'é'.repeat(LIMITS.filenameBytes / 2) }],
  ])('reads %s, because the bytes belong to the AAD', (_name, value) => {
    expect(readAttachmentMeta(value)).toMatchObject({ filename: value.filename, mimeType: value.mime_type });
  });

  it.each(Object.keys(plain).map((member) => [member]))('does not read one without its %s', (member) => {
    for (const wrong of [undefined, null, {}, '\0', 'x'.repeat(70_000)]) {
      expect(readAttachmentMeta({ ...plain, [member]: wrong })).toBeUndefined();
    }
  });

  it.each(
    Object.keys(reference)
      .filter((member) => member !== 'type' && member !== 'sha256')
      .map((member) => [member]),
  )('does not read a file reference without its %s', (member) => {
    expect(readAttachmentMeta({ ...reference, [member]: undefined })).toBeUndefined();
  });

  it.each([
    ['a path for a blob id', { ...plain, blob_id: '../x' }],
    ['padding', { ...plain, key: `${'A'.repeat(42)}=` }],
    ['a key of 31 bytes', { ...plain, key: 'A'.repeat(42) }],
    ['a nonce of 16 bytes', { ...plain, nonce: 'A'.repeat(22) }],
    ['a NUL in the type', { ...plain, mime_type: 'a\0b' }],
    ['a lone surrogate in the name', { ...plain, filename: '\ud800' }],
    ['a name one byte too long', { ...plain, filename: `é${'x'.repeat(LIMITS.filenameBytes - 1)}` }],
    ['a fraction of a byte', { ...plain, size: 1.5 }],
    ['a later version', { ...reference, version: 2 }],
    ['the first form under the type of the second', { ...plain, type: 'file_reference', version: 1 }],
    ['no object', 'notes.txt'],
  ])('does not read %s', (_name, value) => {
    expect(readAttachmentMeta(value)).toBeUndefined();
  });
});

describe('attachmentMeta', () => {
  it('writes what a reader reads', () => {
    expect(attachmentMeta(read)).toEqual(plain);
    expect(readAttachmentMeta(attachmentMeta(read))).toEqual({ ...read, form: 'attachment' });
  });

  it('writes what opens the file', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const sealed = sealAttachment({ filename: '图像 🖼.png', mimeType: 'image/png', bytes }, random);
    const meta = readAttachmentMeta(attachmentMeta({ ...sealed, blobId }))!;
    const opened = openAttachment(meta, sealed.ciphertext);
    expect(opened.kind === 'valid' && Array.from(opened.value)).toEqual([1, 2, 3]);
  });

  it.each([
    ['filename', { ...read, filename: 'a/b' }],
    ['filename', { ...read, filename: '..' }],
    ['filename', { ...read, filename: '' }],
    ['filename', { ...read, filename: 'a\0b' }],
    ['filename', { ...read, filename: 'x'.repeat(LIMITS.filenameBytes + 1) }],
    ['mime_type', { ...read, mimeType: '\0' }],
    ['size', { ...read, size: -1 }],
    ['key', { ...read, key: nonce }],
    ['nonce', { ...read, nonce: key }],
  ])('refuses a wrong %s', (field, attachment) => {
    expect(() => attachmentMeta(attachment)).toThrow(expect.objectContaining({ code: 'attachment_invalid', field }));
  });
});
