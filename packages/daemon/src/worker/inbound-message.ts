// From a verified message to what the agent's mind and its records make of it. spec: architecture, golden path 4c to 5
import { type Conversation, type InboxMessage } from '@puffo/agent';
import { isJsonArray, isJsonObject, type JsonObject } from '@puffo/base';
import type { Inbound } from '@puffo/client';
import { ATTACHMENTS_CONTENT_TYPE, readMessageContent, type Slug, type VerifiedMessage } from '@puffo/protocol';
import type { NewHistoryMessage } from '../store/history-message.ts';
import type { OwnIdentity } from './own-identity.ts';

export function toInboxMessage(
  { seq, message }: Extract<Inbound, { kind: 'message' }>,
  own: OwnIdentity,
): InboxMessage {
  const { identity } = message.signer.device;
  return {
    envelopeId: message.envelopeId,
    // A server that does not number gives them in the order of arrival.
    seq: seq ?? 0,
    conversation: conversationOf(message, own.slug),
    threadRootId: message.threadRootId,
    senderSlug: message.senderSlug,
    senderType: identity.identityType,
    isFromOperator: own.operatorPublicKey !== undefined && identity.rootKey.publicKey === own.operatorPublicKey,
    text: readMessageContent(message.contentType, message.content).text,
    sentAt: message.sentAt,
  };
}

function conversationOf({ route, senderSlug }: VerifiedMessage, ownSlug: Slug): Conversation {
  if (route.kind === 'channel') return { kind: 'channel', spaceId: route.spaceId, channelId: route.channelId };
  return { kind: 'dm', peerSlug: senderSlug === ownSlug ? route.recipientSlug : senderSlug };
}

/** As they stand in the message, to be read again by `readMessageContent`. */
export function attachmentsOf({ contentType, content }: VerifiedMessage): readonly JsonObject[] {
  if (contentType !== ATTACHMENTS_CONTENT_TYPE || !isJsonObject(content)) return [];
  const listed = content['attachments'];
  return listed !== undefined && isJsonArray(listed) ? listed.filter(isJsonObject) : [];
}

export function toHistoryMessage(message: VerifiedMessage): NewHistoryMessage {
  const { route } = message;
  return {
    envelopeId: message.envelopeId,
    envelopeKind: route.kind,
    senderSlug: message.senderSlug,
    channelId: route.kind === 'channel' ? route.channelId : null,
    spaceId: route.kind === 'channel' ? route.spaceId : null,
    recipientSlug: route.kind === 'dm' ? route.recipientSlug : null,
    contentType: message.contentType,
    content: message.content,
    sentAt: message.sentAt,
    threadRootId: message.threadRootId,
    replyToId: message.replyToId,
  };
}
