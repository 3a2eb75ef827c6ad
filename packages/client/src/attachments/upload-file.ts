// spec: wire-protocol 7.2, 7.3, 9.25, 14.7
import { encodeBase64url } from '@puffo/base';
import {
  ATTACHMENTS_CONTENT_TYPE,
  attachmentsContent,
  createBlobId,
  LIMITS,
  type OutgoingAttachment,
  ProtocolError,
  sealAttachment,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { AttachmentsMessage, FileToUpload, TransferOptions } from './attachments.ts';

export interface UploadParts {
  readonly http: HttpClient;
  readonly context: ClientContext;
}

const MIB = 1024 * 1024;
const TRANSACTION_BYTES = 16;
/** Stand for the key and nonce that a file gets when it is sealed. */
const SOME_KEY = encodeBase64url(new Uint8Array(32));
const SOME_NONCE = encodeBase64url(new Uint8Array(12));

export async function uploadFile(
  { http, context }: UploadParts,
  file: FileToUpload,
  { signal }: TransferOptions = {},
): Promise<OutgoingAttachment> {
  checkFile(file, context);
  const { ciphertext, ...sealed } = sealAttachment(file, context.random);
  // The server answers the same upload with the same blob, so a lost answer leaves none behind.
  const transaction_id = encodeBase64url(context.random.bytes(TRANSACTION_BYTES));
  const { blob_id: blobId } = await http.call('uploadBlob', { query: { transaction_id }, body: ciphertext, signal });
  return { ...sealed, blobId };
}

/** Everything is checked before the first byte leaves: a message with half of its files is none. */
export async function prepareMessage(
  parts: UploadParts,
  { text, files }: { readonly text: string; readonly files: readonly FileToUpload[] },
  options: TransferOptions = {},
): Promise<AttachmentsMessage> {
  if (files.length > LIMITS.filesPerMessage) {
    const problem = `there are ${files.length}, and at most ${LIMITS.filesPerMessage} go with one message`;
    throw new ClientError(`Cannot send files: ${problem}`, { code: 'invalid-input' });
  }
  for (const file of files) checkFile(file, parts.context);
  const attachments: OutgoingAttachment[] = [];
  for (const file of files) attachments.push(await uploadFile(parts, file, options));
  return { contentType: ATTACHMENTS_CONTENT_TYPE, content: attachmentsContent({ text, attachments }) };
}

/** That every reader will take it. */
function checkFile({ filename, mimeType, bytes }: FileToUpload, { random }: ClientContext): void {
  const size = bytes.length;
  if (size > LIMITS.fileBytes) {
    const problem = `it has ${(size / MIB).toFixed(1)} MiB, and at most ${LIMITS.fileBytes / MIB} MiB are allowed`;
    throw new ClientError(`Cannot send file: ${problem}`, { code: 'file-too-large', fields: { bytes: size } });
  }
  const meta = { filename, mimeType, size, key: SOME_KEY, nonce: SOME_NONCE, blobId: createBlobId(random) };
  try {
    attachmentsContent({ text: '', attachments: [meta] });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const message = `Cannot send file: its ${error.field ?? 'name'} is not one that can be sent; give it a plain name`;
    throw new ClientError(message, { code: 'invalid-input', cause: error });
  }
}
