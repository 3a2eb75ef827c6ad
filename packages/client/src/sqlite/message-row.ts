// Between messages and the rows that hold them.
import type { JsonValue } from '@puffo/base';
import type { ChannelId, EnvelopeId, Route, Slug, SpaceId, VerifiedMessage } from '@puffo/protocol';
import type { Insertable, Selectable } from 'kysely';
import type { OutboxRow } from '../outbox/outbox-store.ts';
import type { MessagesTable } from './schema.ts';
import { readStoredJson } from './stored-json.ts';

/** Where a message stands. A direct message to me and my answer to it are of one conversation. */
export type Conversation =
  | { readonly kind: 'channel'; readonly spaceId: SpaceId; readonly channelId: ChannelId }
  | { readonly kind: 'dm'; readonly peerSlug: Slug };

export interface StoredMessage {
  readonly envelopeId: EnvelopeId;
  readonly seq: number | undefined;
  readonly conversation: Conversation;
  readonly senderSlug: Slug;
  /** Written by this identity, on whatever device. */
  readonly isOwn: boolean;
  /** ms, by the sender's clock: to show, not to order by. */
  readonly sentAt: number;
  /** ms */
  readonly receivedAt: number;
  /** Hints by the sender. */
  readonly threadRootId: EnvelopeId | null;
  readonly replyToId: EnvelopeId | null;
  readonly contentType: string;
  readonly content: JsonValue;
  readonly isVisibleToHuman: boolean;
}

export type NewMessageRow = Omit<Insertable<MessagesTable>, 'id'>;

/** `position` is given when it is inserted. */
export type UnplacedRow = Omit<NewMessageRow, 'position'>;

interface Reception {
  readonly seq: number | undefined;
  readonly ownSlug: Slug;
  readonly receivedAt: number;
}

export function rowOfMessage(message: VerifiedMessage, { seq, ownSlug, receivedAt }: Reception): UnplacedRow {
  const { senderSlug, route } = message;
  return {
    envelope_id: message.envelopeId,
    seq: seq ?? null,
    ...conversationColumns(route, route.kind === 'dm' && senderSlug === ownSlug ? route.recipientSlug : senderSlug),
    sender_slug: senderSlug,
    sent_at: message.sentAt,
    received_at: receivedAt,
    thread_root_id: message.threadRootId,
    reply_to_id: message.replyToId,
    content_type: message.contentType,
    content: JSON.stringify(message.content),
    is_visible_to_human: message.isVisibleToHuman ? 1 : 0,
    replay_key: message.replayKey,
    is_own: senderSlug === ownSlug ? 1 : 0,
  };
}

export function rowOfSent(row: OutboxRow, { ownSlug, receivedAt }: Omit<Reception, 'seq'>): UnplacedRow {
  const { route, sealed } = row;
  const sentAt = sealed?.envelope['sent_at'];
  return {
    envelope_id: row.envelopeId,
    seq: row.seq,
    ...conversationColumns(route, route.kind === 'dm' ? route.recipientSlug : ownSlug),
    sender_slug: ownSlug,
    sent_at: typeof sentAt === 'number' ? sentAt : row.createdAt,
    received_at: receivedAt,
    thread_root_id: row.threadRootId,
    reply_to_id: row.replyToId,
    content_type: row.contentType,
    content: JSON.stringify(row.content),
    is_visible_to_human: row.isVisibleToHuman ? 1 : 0,
    replay_key: null,
    is_own: 1,
  };
}

function conversationColumns(route: Route, peerSlug: Slug) {
  return route.kind === 'channel'
    ? { kind: route.kind, space_id: route.spaceId, channel_id: route.channelId, peer_slug: null }
    : { kind: route.kind, space_id: null, channel_id: null, peer_slug: peerSlug };
}

/** What the rows hold was checked before it was written. */
export function messageOfRow(row: Selectable<MessagesTable>): StoredMessage {
  return {
    envelopeId: row.envelope_id as EnvelopeId,
    seq: row.seq ?? undefined,
    conversation:
      row.kind === 'channel'
        ? { kind: 'channel', spaceId: row.space_id as SpaceId, channelId: row.channel_id as ChannelId }
        : { kind: 'dm', peerSlug: row.peer_slug as Slug },
    senderSlug: row.sender_slug as Slug,
    isOwn: row.is_own === 1,
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    threadRootId: row.thread_root_id as EnvelopeId | null,
    replyToId: row.reply_to_id as EnvelopeId | null,
    contentType: row.content_type,
    content: readStoredJson(row.content, `message ${row.envelope_id}`),
    isVisibleToHuman: row.is_visible_to_human === 1,
  };
}
