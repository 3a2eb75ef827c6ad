// Between messages of the inbox and the rows that hold them.
import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import {
  type Admission,
  type Band,
  type Conversation,
  conversationKey,
  type InboxMessage,
  type WaitingMessage,
} from '@puffo/agent';
import type { ChannelId, EnvelopeId, Slug, SpaceId } from '@puffo/protocol';
import type { Insertable, Selectable } from 'kysely';
import { DaemonError } from '../daemon-error.ts';
import type { InboxState, InboxTable } from './agent-schema.ts';

const LIMITS = { maxLength: 4 * 1024 * 1024, maxDepth: 64, integers: 'any' } as const;
/** What stands for a band where there is none: context is nothing that anybody waits for. */
const LEAST_URGENT: Band = 4;

/** A message that was opened and judged. */
export interface Arrival {
  readonly message: InboxMessage;
  /** What is known of each file, for the prompt. */
  readonly attachments: readonly JsonObject[];
  /** `VerifiedMessage.replayKey` */
  readonly replayKey: string | null;
  readonly admission: Admission;
}

export interface InboxEntry extends WaitingMessage {
  readonly attachments: readonly JsonObject[];
  /** ms */
  readonly receivedAt: number;
  readonly state: InboxState;
  /** Why the last turn did not answer it. */
  readonly failure: string | undefined;
  readonly turnId: string | undefined;
}

export function rowOfArrival(
  { message, attachments, replayKey, admission }: Arrival,
  receivedAt: number,
): Insertable<InboxTable> {
  const { conversation } = message;
  return {
    envelope_id: message.envelopeId,
    seq: message.seq,
    conversation: conversationKey(conversation),
    ...conversationColumns(conversation),
    thread_root_id: message.threadRootId,
    sender_slug: message.senderSlug,
    sender_type: message.senderType,
    is_from_operator: message.isFromOperator ? 1 : 0,
    text: message.text,
    attachments: JSON.stringify(attachments),
    sent_at: message.sentAt,
    received_at: receivedAt,
    band: admission.kind === 'turn' ? admission.band : null,
    state: admission.kind === 'turn' ? 'waiting' : admission.kind,
    changed_at: receivedAt,
    attempts: 0,
    not_before: 0,
    failure: null,
    turn_id: null,
    shown_at: null,
    replay_key: replayKey,
    forgotten_at: null,
  };
}

export interface ConversationColumns {
  readonly space_id: string | null;
  readonly channel_id: string | null;
  readonly peer_slug: string | null;
}

export function conversationColumns(conversation: Conversation): ConversationColumns {
  return conversation.kind === 'channel'
    ? { space_id: conversation.spaceId, channel_id: conversation.channelId, peer_slug: null }
    : { space_id: null, channel_id: null, peer_slug: conversation.peerSlug };
}

/** What the columns hold was checked before it was written. */
export function conversationOfColumns(row: ConversationColumns): Conversation {
  return row.peer_slug === null
    ? { kind: 'channel', spaceId: row.space_id as SpaceId, channelId: row.channel_id as ChannelId }
    : { kind: 'dm', peerSlug: row.peer_slug as Slug };
}

/** What the rows hold was checked before it was written. */
export function entryOfRow(row: Selectable<InboxTable>): InboxEntry {
  return {
    envelopeId: row.envelope_id as EnvelopeId,
    seq: row.seq,
    conversation: conversationOfColumns(row),
    threadRootId: row.thread_root_id as EnvelopeId | null,
    senderSlug: row.sender_slug as Slug,
    senderType: row.sender_type,
    isFromOperator: row.is_from_operator === 1,
    text: row.text,
    attachments: readAttachments(row),
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    band: (row.band ?? LEAST_URGENT) as Band,
    state: row.state,
    attempts: row.attempts,
    notBefore: row.not_before,
    failure: row.failure ?? undefined,
    turnId: row.turn_id ?? undefined,
  };
}

function readAttachments({ attachments, envelope_id: envelopeId }: Selectable<InboxTable>): readonly JsonObject[] {
  const result = safeParseJson(attachments, LIMITS);
  if (result.kind === 'value' && Array.isArray(result.value)) return result.value.filter(isJsonObject);
  const message = `Cannot read message ${envelopeId}: its record is damaged; restore the database from a backup`;
  throw new DaemonError(message, { code: 'invalid-file' });
}
