// Between messages of the history and the rows that hold them.
import type { JsonValue } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import { decodeHistoryContent, encodeHistoryContent } from './history-content.ts';
import type { HistoryTable } from './history-schema.ts';

export interface HistoryMessage {
  readonly envelopeId: string;
  /** `channel` or `dm`; files of others may say something else. */
  readonly envelopeKind: string;
  readonly senderSlug: string;
  readonly channelId: string | null;
  readonly spaceId: string | null;
  readonly recipientSlug: string | null;
  readonly contentType: string;
  readonly content: JsonValue;
  /** ms, by the sender's clock. */
  readonly sentAt: number;
  /** ms */
  readonly receivedAt: number;
  readonly threadRootId: string | null;
  readonly replyToId: string | null;
}

/** Without a usable `sentAt` it counts as sent when it was received. */
export interface NewHistoryMessage extends Omit<HistoryMessage, 'envelopeKind' | 'sentAt' | 'receivedAt'> {
  readonly envelopeKind: 'channel' | 'dm';
  readonly sentAt: number | null | undefined;
}

/** A null in `sent_at` made 0.7.2 drop the whole row without a word. spec: daemon-and-cli D-41 */
export function rowOfHistory(message: NewHistoryMessage, receivedAt: number): HistoryTable {
  const { envelopeId, contentType, content, sentAt } = message;
  if (envelopeId === '') {
    throw new DaemonError('Cannot keep message: it has no id', { code: 'invalid-argument' });
  }
  return {
    envelope_id: envelopeId,
    envelope_kind: message.envelopeKind,
    sender_slug: message.senderSlug,
    channel_id: message.channelId,
    space_id: message.spaceId,
    recipient_slug: message.recipientSlug,
    content_type: contentType,
    content: encodeHistoryContent(content, contentType),
    sent_at: Number.isSafeInteger(sentAt) ? Number(sentAt) : receivedAt,
    received_at: receivedAt,
    thread_root_id: message.threadRootId,
    reply_to_id: message.replyToId,
  };
}

export function historyOfRow(row: HistoryTable): HistoryMessage {
  return {
    envelopeId: row.envelope_id,
    envelopeKind: row.envelope_kind,
    senderSlug: row.sender_slug,
    channelId: row.channel_id,
    spaceId: row.space_id,
    recipientSlug: row.recipient_slug,
    contentType: row.content_type,
    content: decodeHistoryContent(row.content, row.content_type),
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    threadRootId: row.thread_root_id,
    replyToId: row.reply_to_id,
  };
}
