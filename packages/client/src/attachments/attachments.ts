// Files that go with messages: encrypted here, stored by the server as bytes it cannot read. spec: wire-protocol 7
import type { JsonObject } from '@puffo/base';
import type { ATTACHMENTS_CONTENT_TYPE, AttachmentMeta, OutgoingAttachment } from '@puffo/protocol';

export interface FileToUpload {
  /** Base name. */
  readonly filename: string;
  /** May be empty. */
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

export interface AttachmentsMessage {
  readonly contentType: typeof ATTACHMENTS_CONTENT_TYPE;
  readonly content: JsonObject;
}

export interface TransferOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadOptions extends TransferOptions {
  /** Of the plaintext; what the protocol allows, when absent. */
  readonly maxBytes?: number | undefined;
}

export type DownloadedFile =
  | { readonly kind: 'file'; readonly attachment: AttachmentMeta; readonly bytes: Uint8Array }
  /** A `ClientErrorCode`. The message and the other files are there all the same. */
  | { readonly kind: 'failed'; readonly attachment: AttachmentMeta; readonly code: string; readonly message: string };

export interface Attachments {
  /** Refuses (`file-too-large`) what no receiver would take. */
  uploadFile(file: FileToUpload, options?: TransferOptions): Promise<OutgoingAttachment>;
  /** All of them, then what a message with them says. */
  prepareMessage(
    message: { readonly text: string; readonly files: readonly FileToUpload[] },
    options?: TransferOptions,
  ): Promise<AttachmentsMessage>;
  /** Fails with `file-too-large`, `file-damaged`, or what the server said. */
  downloadFile(attachment: AttachmentMeta, options?: DownloadOptions): Promise<Uint8Array>;
  /** One outcome each, in their order, within the limits of one message. Fails only when it is aborted. */
  downloadFiles(attachments: readonly AttachmentMeta[], options?: TransferOptions): AsyncIterable<DownloadedFile>;
}
