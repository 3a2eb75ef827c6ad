// A message as the commands show it.
import type { JsonValue } from '@puffo/base';
import type { StoredMessage } from '@puffo/client/sqlite';
import { type MessageContent, readMessageContent, type Slug } from '@puffo/protocol';

export type ShownMessage = Pick<
  StoredMessage,
  'envelopeId' | 'conversation' | 'senderSlug' | 'sentAt' | 'threadRootId' | 'contentType' | 'content'
>;

/** Display names, as far as they are known. */
export type Names = ReadonlyMap<Slug, string>;

export function contentOf({ contentType, content }: Pick<ShownMessage, 'contentType' | 'content'>): MessageContent {
  return readMessageContent(contentType, content);
}

export function messageJson(message: ShownMessage, names: Names): JsonValue {
  const content = contentOf(message);
  const { conversation } = message;
  return {
    id: message.envelopeId,
    conversation:
      conversation.kind === 'channel'
        ? { kind: 'channel', space_id: conversation.spaceId, channel_id: conversation.channelId }
        : { kind: 'dm', peer: conversation.peerSlug },
    sender: message.senderSlug,
    sender_name: names.get(message.senderSlug) ?? null,
    sent_at: message.sentAt,
    text: content.text,
    content_type: message.contentType,
    thread_root_id: message.threadRootId,
    attachments:
      content.kind === 'attachments'
        ? content.attachments.map(({ filename, mimeType, size }) => ({ filename, mime_type: mimeType, size }))
        : [],
  };
}
