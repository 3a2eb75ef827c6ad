// A message as the mind of an agent sees it: facts, no I/O. Times in ms.
import type { ChannelId, EnvelopeId, Slug, SpaceId } from '@puffo/protocol';

export type Conversation =
  | { readonly kind: 'dm'; readonly peerSlug: Slug }
  | { readonly kind: 'channel'; readonly spaceId: SpaceId; readonly channelId: ChannelId };

export interface InboxMessage {
  readonly envelopeId: EnvelopeId;
  /** Of the server: the only order there is. */
  readonly seq: number;
  readonly conversation: Conversation;
  readonly threadRootId: EnvelopeId | null;
  readonly senderSlug: Slug;
  /** Until it is known, somebody counts as a human. `system`: the daemon itself, and nobody that could be answered. */
  readonly senderType: 'human' | 'agent' | 'system';
  /** The sender's root key vouches for this agent. */
  readonly isFromOperator: boolean;
  readonly text: string;
  readonly sentAt: number;
}

/** One text per conversation: two messages of one conversation have the same. */
export function conversationKey(conversation: Conversation): string {
  return conversation.kind === 'dm' ? `dm:${conversation.peerSlug}` : `channel:${conversation.channelId}`;
}

/** Messages that belong into one turn: those of a thread, or those at the top level of a conversation. */
export function threadKey({ conversation, threadRootId }: Pick<InboxMessage, 'conversation' | 'threadRootId'>): string {
  return `${conversationKey(conversation)}/${threadRootId ?? ''}`;
}
