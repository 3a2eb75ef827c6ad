// From a posted envelope to a stored message and its hints: the rules in their order. spec: wire-protocol 9.22
import { type DeviceId, decodeEnvelope, type Envelope, type EnvelopeId, LIMITS } from '@puffo/protocol';
import type { JsonObject } from '@puffo/base';
import type { Transaction } from 'kysely';
import type { Caller } from '../auth/caller.ts';
import type { ServerContext } from '../context.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { getAudience } from './audience-store.ts';
import { checkDirectPeer } from './direct-peer.ts';
import { findMessage } from './message-store.ts';
import { storeMessage, type StoredMessage } from './store-message.ts';
import { toMessageRow } from './to-message-row.ts';

/** Runs in the transaction before anything is written; a value ends it without writing. */
export type Precondition<Refusal> = (
  transaction: Transaction<ServerSchema>,
  envelope: Envelope,
) => Promise<Refusal | undefined>;

export interface AcceptedMessage extends Omit<StoredMessage, 'envelope' | 'deliveries' | 'postingSeq'> {
  readonly kind: 'accepted';
  readonly envelopeId: EnvelopeId;
  readonly devicesQueued: number;
  readonly missing: readonly DeviceId[];
}

/** Shape, sender, time: what needs no table, except that a repetition of a known message may be late. */
export async function readEnvelope(
  { database, now }: ServerContext,
  { object, caller }: { readonly object: JsonObject; readonly caller: Caller },
): Promise<Envelope> {
  const envelope = decodeEnvelope(object);
  if (envelope.senderSlug !== caller.slug) {
    throw new ServerError('FORBIDDEN', 'Cannot send message: its sender is not who signed the request');
  }
  if (Math.abs(envelope.sentAt - now()) <= LIMITS.clockWindowMs) return envelope;
  if ((await findMessage(database.db, envelope.envelopeId)) !== undefined) return envelope;
  const message = `Cannot send message: sent_at differs more than five minutes from the server's clock, ${now()}`;
  throw new ServerError('INVALID_PAYLOAD', message, { field: 'sent_at' });
}

/** When it returns, the message is durable and its devices were hinted at. */
export async function acceptMessage<Refusal = never>(
  context: ServerContext,
  { envelope, precondition }: { readonly envelope: Envelope; readonly precondition?: Precondition<Refusal> },
): Promise<AcceptedMessage | Refusal> {
  const { envelopeId, senderSlug: sender, route } = envelope;
  if (route.kind === 'dm') await checkDirectPeer(context, { sender, recipient: route.recipientSlug });
  const now = context.now();
  const row = toMessageRow(envelope, now);
  const outcome = await context.database.write(async (transaction) => {
    const audience = await getAudience(transaction, { route, sender, now });
    const refusal = await precondition?.(transaction, envelope);
    if (refusal !== undefined) return { refusal };
    return { stored: await storeMessage(transaction, { envelope, row, audience }) };
  });
  if (outcome.stored === undefined) return outcome.refusal;
  const { stored } = outcome;
  announce(context, { envelopeId, stored });
  const { seq, isReplay, missing, deliveries } = stored;
  return { kind: 'accepted', envelopeId, seq, isReplay, missing, devicesQueued: deliveries.length };
}

function announce(
  { hub, metrics }: ServerContext,
  { envelopeId, stored }: { readonly envelopeId: EnvelopeId; readonly stored: StoredMessage },
): void {
  const { postingSeq: seq, envelope, deliveries } = stored;
  if (deliveries.length === 0) return;
  metrics.deliveriesQueued(deliveries.length);
  hub.deliver({ envelopeId, seq, envelope, deliveries });
}
