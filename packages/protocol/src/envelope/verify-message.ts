// Rung 4 of the golden path, second half: prove who wrote a decrypted message. spec: wire-protocol 6.7 steps 12 to 18
import type { Brand, JsonObject } from '@puffo/base';
import { signingBytes } from '../canonical/signing-bytes.ts';
import { judgeRoot, judgeSubkey, type VerifiedSubkey } from '../cert/chain.ts';
import { isSignatureTextValid } from '../crypto/ed25519.ts';
import { ProtocolError, type ProtocolErrorCode, type Refusal, refusalOf } from '../errors.ts';
import type { EnvelopeId, Slug } from '../ids.ts';
import { isSameRoute } from './envelope.ts';
import type { UnverifiedMessage } from './open-envelope.ts';
import type { MessagePayload } from './payload.ts';

/** Whose words these are is proven. Made by `verifyMessage` only. */
export type VerifiedMessage = Brand<
  MessagePayload & {
    readonly envelopeId: EnvelopeId;
    readonly signer: VerifiedSubkey;
    readonly payloadObject: JsonObject;
    /** `(sender_slug, message_nonce)`: store it unique beside the message. */
    readonly replayKey: string;
  },
  'VerifiedMessage'
>;

export interface MessageReader {
  /** The subkey that the payload names, verified; `undefined`: no certificate of it is known. */
  readonly signer: VerifiedSubkey | undefined;
  /** The root pinned for the sender's slug; `undefined`: none yet. */
  readonly pinnedRoot: string | undefined;
  readonly ownSlug: Slug;
  /** Whether another message with this `replayKey` was accepted before. */
  readonly hasSeen: (replayKey: string) => boolean;
}

export type MessageVerdict =
  | { readonly kind: 'verified'; readonly message: VerifiedMessage }
  /** All is right, but nobody pinned the sender's root: pin it and take the message, or ask. */
  | { readonly kind: 'unknown-root'; readonly message: VerifiedMessage }
  /** The slug is now vouched for by another root. Alert; there is no message to take. */
  | { readonly kind: 'changed-root'; readonly pinnedRoot: string; readonly foundRoot: string }
  /** Fetch the sender's certificates and try again with the same `UnverifiedMessage`. */
  | { readonly kind: 'unknown-subkey'; readonly message: string }
  | Refusal;

/** Judges the chain at the message's own `sent_at`, so no caller can pass another time. */
export function verifyMessage(unverified: UnverifiedMessage, reader: MessageReader): MessageVerdict {
  const { payload } = unverified;
  const { signer } = reader;
  if (signer === undefined) {
    return { kind: 'unknown-subkey', message: `Cannot verify message: no certificate of ${payload.senderSubkeyId}` };
  }
  const judged = judgeSubkey(signer, payload.sentAt);
  if (judged.kind === 'refused') return judged;
  const problem = findProblem(unverified, { ...reader, signer });
  if (problem !== undefined)
    return refusalOf(new ProtocolError(problem.code, `Cannot verify message: ${problem.text}`));
  const { identity } = signer.device;
  const root = judgeRoot(identity, reader.pinnedRoot);
  if (root.kind === 'changed-root') return root;
  const message = {
    ...payload,
    envelopeId: unverified.envelope.envelopeId,
    signer,
    payloadObject: unverified.payloadObject,
    replayKey: replayKeyOf(payload),
  } as VerifiedMessage;
  return { kind: root.kind === 'pinned' ? 'verified' : 'unknown-root', message };
}

export function replayKeyOf(payload: Pick<MessagePayload, 'senderSlug' | 'messageNonce'>): string {
  return `${payload.senderSlug}/${payload.messageNonce}`;
}

interface Problem {
  readonly code: ProtocolErrorCode;
  readonly text: string;
}

function findProblem(
  { envelope, payload, payloadObject, signature }: UnverifiedMessage,
  reader: MessageReader & { readonly signer: VerifiedSubkey },
): Problem | undefined {
  const { signer } = reader;
  const { identity } = signer.device;
  if (payload.senderSubkeyId !== signer.subkeyId) {
    return { code: 'subkey_id_mismatch', text: 'it names another subkey than the one given' };
  }
  if (!isSignatureTextValid(signer.key, { message: signingBytes(payloadObject), signature })) {
    return { code: 'signature_invalid', text: 'its signature does not verify' };
  }
  if (payload.senderSlug !== envelope.senderSlug) {
    return { code: 'sender_slug_mismatch', text: 'the envelope names another sender than the payload' };
  }
  if (payload.senderSlug !== identity.slug) {
    return { code: 'slug_mismatch', text: 'its subkey belongs to another slug' };
  }
  if (!isSameRoute(payload.route, envelope.route)) {
    return { code: 'route_mismatch', text: 'it was written for another conversation' };
  }
  if (payload.sentAt !== envelope.sentAt) {
    return { code: 'sent_at_mismatch', text: 'the envelope names another time than the payload' };
  }
  if (
    payload.route.kind === 'dm' &&
    reader.ownSlug !== payload.senderSlug &&
    reader.ownSlug !== payload.route.recipientSlug
  ) {
    return { code: 'not_addressed', text: 'it is a direct message to somebody else' };
  }
  if (reader.hasSeen(replayKeyOf(payload))) {
    return { code: 'replay', text: 'its sender and nonce were seen before' };
  }
  return undefined;
}
