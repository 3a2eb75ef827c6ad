// What a message says, whatever form it has: text, text with files, or something this version does not know.
// spec: wire-protocol 6.10
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import { ProtocolError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type AttachmentMeta, attachmentMeta, type OutgoingAttachment, readAttachmentMeta } from './attachment-meta.ts';

export const TEXT_CONTENT_TYPE = 'text/plain';
export const ATTACHMENTS_CONTENT_TYPE = 'puffo/message+attachments/v1';

export type MessageContent =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'attachments';
      readonly text: string;
      readonly attachments: readonly AttachmentMeta[];
      /** Files that were named but cannot be fetched: a member is missing or wrong, or they are one too many. */
      readonly unreadable: number;
    }
  | { readonly kind: 'other'; readonly contentType: string; readonly text: string };

/** Never refuses a type or shape it does not know: a message with nothing readable is an empty text. */
export function readMessageContent(contentType: string, content: JsonValue): MessageContent {
  if (contentType === TEXT_CONTENT_TYPE) return { kind: 'text', text: textOf(content) };
  if (contentType === ATTACHMENTS_CONTENT_TYPE && isJsonObject(content)) return readAttachments(content);
  return { kind: 'other', contentType, text: textOf(content) };
}

export interface AttachmentsContent {
  readonly text: string;
  readonly attachments: readonly OutgoingAttachment[];
}

/** The content of a message of `ATTACHMENTS_CONTENT_TYPE`. */
export function attachmentsContent({ text, attachments }: AttachmentsContent): JsonObject {
  if (attachments.length > LIMITS.filesPerMessage) {
    const message = `Cannot write attachments: there are ${attachments.length}, at most ${LIMITS.filesPerMessage} fit`;
    throw new ProtocolError('attachment_invalid', message, { field: 'attachments' });
  }
  return { text, attachments: attachments.map(attachmentMeta) };
}

function readAttachments(content: JsonObject): MessageContent {
  const text = textOf(content['text'] ?? null);
  const listed = content['attachments'] ?? [];
  if (!isJsonArray(listed)) return { kind: 'attachments', text, attachments: [], unreadable: 1 };
  const attachments: AttachmentMeta[] = [];
  for (const item of listed.slice(0, LIMITS.filesPerMessage)) {
    const attachment = readAttachmentMeta(item);
    if (attachment !== undefined) attachments.push(attachment);
  }
  return { kind: 'attachments', text, attachments, unreadable: listed.length - attachments.length };
}

/** Text as it is, empty values as empty text like 0.7.2, anything else as JSON. */
function textOf(content: JsonValue): string {
  if (typeof content === 'string') return content;
  if (isEmpty(content)) return '';
  try {
    return JSON.stringify(content);
  } catch (error) {
    // Only content that no depth limit has seen gets here: the stack of the serialiser ended.
    if (error instanceof RangeError) {
      throw new ProtocolError('json_too_deep', 'Cannot read message content: it is nested too deep', {
        field: 'content',
      });
    }
    throw error;
  }
}

function isEmpty(content: JsonValue): boolean {
  if (content === null || content === false || content === 0) return true;
  return isJsonArray(content) ? content.length === 0 : isJsonObject(content) && Object.keys(content).length === 0;
}
