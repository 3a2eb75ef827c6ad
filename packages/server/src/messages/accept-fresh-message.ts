// Sending on condition that nothing newer was said in the channel. spec: wire-protocol 14.2
import type { ChannelId, Envelope } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import { nextSeq } from '../db/next-seq.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { type AcceptedMessage, acceptMessage } from './accept-message.ts';
import { type Freshness, isHeld } from './freshness.ts';
import { findMessage } from './message-store.ts';
import { findNewestMessage, type NewestMessage } from './newest-message.ts';

export interface HeldMessage {
  readonly kind: 'held';
  readonly latest: NewestMessage;
}

export interface FreshMessage extends AcceptedMessage {
  /** Number of the newest message of the channel before this one; 0: there was none. */
  readonly latestSeq: number;
}

export async function acceptFreshMessage(
  context: ServerContext,
  { envelope, freshness }: { readonly envelope: Envelope; readonly freshness: Freshness },
): Promise<FreshMessage | HeldMessage> {
  const { route } = envelope;
  if (route.kind === 'dm') {
    throw new ServerError(
      'INVALID_PAYLOAD',
      'Cannot send message: only a channel has a newest message; send a DM plainly',
    );
  }
  const { channelId } = route;
  const outcome = await acceptMessage<HeldMessage>(context, {
    envelope,
    precondition: (transaction) => findHold(transaction, { envelope, channelId, freshness }),
  });
  if (outcome.kind === 'held') return outcome;
  const before = await findNewestMessage(context.database.db, { channelId, before: outcome.seq });
  return { ...outcome, latestSeq: before?.seq ?? 0 };
}

interface HoldQuestion {
  readonly envelope: Envelope;
  readonly channelId: ChannelId;
  readonly freshness: Freshness;
}

/** A repetition is never held: the message that it could be held by may be itself. */
async function findHold(
  transaction: Transaction<ServerSchema>,
  { envelope, channelId, freshness }: HoldQuestion,
): Promise<HeldMessage | undefined> {
  // Takes no number, but the lock: nobody sends between the comparison and this message.
  await nextSeq(transaction, 'messages', 0);
  if ((await findMessage(transaction, envelope.envelopeId)) !== undefined) return undefined;
  const latest = await findNewestMessage(transaction, { channelId });
  return latest !== undefined && isHeld(freshness, latest.seq) ? { kind: 'held', latest } : undefined;
}
