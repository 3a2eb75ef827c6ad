// Rung 4b of the golden path with everything it needs from elsewhere: subkey, pin, replay. What cannot be decided now is
// held; what is decided is handed over, readable or not. spec: wire-protocol 4.9, 6.7 steps 12 to 18, 6.9
import { AppError } from '@puffo/base';
import {
  type ReadingDevice,
  replayKeyOf,
  type Slug,
  type SubkeyId,
  type UnverifiedMessage,
  type VerifiedMessage,
  type VerifiedSubkey,
  verifyMessage,
} from '@puffo/protocol';
import { type Sleep, withinTime } from '../connection/pause.ts';
import type { ClientContext } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import type { Delivery } from './delivery.ts';
import type { Ledger } from './ledger.ts';
import type { Inbound, MailboxStore, UnreadableReason } from './mailbox.ts';
import { findClaimedSender, openDelivery } from './open-delivery.ts';

/** A lookup that takes longer goes on, but those behind it do not wait for it. */
const LOOKUP_MS = 2000;

export interface ExamineDeps {
  readonly device: ReadingDevice;
  readonly slug: Slug;
  readonly directory: Pick<Directory, 'findSubkey' | 'findPin' | 'pinOnFirstUse'>;
  readonly store: MailboxStore;
  readonly ledger: Ledger;
  readonly context: ClientContext;
  readonly sleep: Sleep;
}

/** The subkey that a message waits for. */
export interface Wanted {
  readonly slug: Slug;
  readonly subkeyId: SubkeyId;
}

export type Examined =
  | { readonly kind: 'inbound'; readonly inbound: Inbound }
  /** `unknown`: nobody knows the subkey. `away`: nobody can be asked. `late`: whoever was asked does not answer. */
  | { readonly kind: 'hold'; readonly wanted: Wanted; readonly why: 'unknown' | 'away' | 'late' };

function wantedBy({ payload }: UnverifiedMessage): Wanted {
  return { slug: payload.senderSlug, subkeyId: payload.senderSubkeyId };
}

/** Decrypts if that was not done; the subkey that is needed next. */
export function openOnce(delivery: Delivery, device: ReadingDevice): Wanted | undefined {
  delivery.opened ??= openDelivery(delivery.envelope, device);
  return delivery.opened.kind === 'opened' ? wantedBy(delivery.opened.unverified) : undefined;
}

export async function examineDelivery(delivery: Delivery, deps: ExamineDeps): Promise<Examined> {
  const opened = (delivery.opened ??= openDelivery(delivery.envelope, deps.device));
  if (opened.kind === 'unreadable') return unreadable(delivery, opened.reason);
  const wanted = wantedBy(opened.unverified);
  try {
    const signer = await withinTime(deps.directory.findSubkey(wanted.slug, wanted.subkeyId), {
      delayMs: LOOKUP_MS,
      sleep: deps.sleep,
    });
    if (signer === 'late') return { kind: 'hold', wanted, why: 'late' };
    if (signer === undefined && !delivery.isGivenUp) return { kind: 'hold', wanted, why: 'unknown' };
    return await judge(delivery, { ...deps, unverified: opened.unverified, signer });
  } catch (error) {
    // Directory and store may fail in many ways, none of which says anything about the message.
    const code = error instanceof AppError ? error.code : 'unexpected';
    deps.context.log.warn('message-held', { envelopeId: delivery.envelopeId, code });
    return { kind: 'hold', wanted, why: 'away' };
  }
}

interface JudgeDeps extends ExamineDeps {
  readonly unverified: UnverifiedMessage;
  readonly signer: VerifiedSubkey | undefined;
}

async function judge(delivery: Delivery, deps: JudgeDeps): Promise<Examined> {
  const { unverified, signer, directory, store, ledger } = deps;
  const { envelopeId } = delivery;
  const isReplay = await store.hasReplayKey(replayKeyOf(unverified.payload));
  const verdict = verifyMessage(unverified, {
    signer,
    pinnedRoot: await directory.findPin(unverified.payload.senderSlug),
    ownSlug: deps.slug,
    hasSeen: (replayKey) => isReplay || !ledger.isReplayKeyFree(replayKey, envelopeId),
  });
  switch (verdict.kind) {
    case 'refused':
      return unreadable(delivery, verdict.reason);
    case 'unknown-subkey':
    case 'changed-root':
      return unreadable(delivery, verdict.kind);
    case 'verified':
      return take(delivery, verdict.message, ledger);
    case 'unknown-root': {
      // Claimed before anything is waited for: two envelopes of one message may be looked at together.
      ledger.claimReplayKey(verdict.message.replayKey, envelopeId);
      const { identity } = verdict.message.signer.device;
      const pinned = await directory.pinOnFirstUse(identity);
      if (pinned !== identity.rootKey.publicKey) return unreadable(delivery, 'changed-root');
      return take(delivery, verdict.message, ledger);
    }
  }
}

function take({ envelopeId, seq, envelope }: Delivery, message: VerifiedMessage, ledger: Ledger): Examined {
  ledger.claimReplayKey(message.replayKey, envelopeId);
  return { kind: 'inbound', inbound: { kind: 'message', envelopeId, seq, envelope, message } };
}

function unreadable({ envelopeId, seq, envelope }: Delivery, reason: UnreadableReason): Examined {
  const senderSlug = findClaimedSender(envelope);
  return { kind: 'inbound', inbound: { kind: 'unreadable', envelopeId, seq, envelope, senderSlug, reason } };
}
