// From what is said to an envelope for many devices. spec: wire-protocol 6.5, 6.6
import { encodeBase64url, type JsonValue, nextTask, type Random } from '@puffo/base';
import { aeadSeal, NONCE_BYTES } from '../crypto/aead.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { ENC_BYTES } from '../crypto/hpke.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import type { KemPublicKey } from '../crypto/x25519.ts';
import { ProtocolError } from '../errors.ts';
import { createEnvelopeId, type DeviceId, type EnvelopeId, type Slug, type SubkeyId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { wrapAadPrefix } from './aad.ts';
import { buildEnvelope, type Envelope, envelopeAad, type RecipientEntry, type Route } from './envelope.ts';
import { MESSAGE_NONCE_BYTES, type MessagePayload, signPayload } from './payload.ts';
import { WRAP_BYTES } from './wrap-content-key.ts';
import type { WrapPool } from './wrap-pool.ts';

/** Entries that are written out between two turns of the event loop. */
const ENTRIES_PER_TURN = 256;

/** The subkey that signs, and whose it is. */
export interface MessageSigner {
  readonly slug: Slug;
  readonly subkeyId: SubkeyId;
  readonly signingKey: SigningKey;
}

/** A device that can read the message. Choose them with `judgeDevice`: no revoked and no expired ones. */
export interface MessageRecipient {
  readonly deviceId: DeviceId;
  readonly kemKey: KemPublicKey;
}

export interface MessageToSeal {
  /** Chosen beforehand where the message is already recorded under it; absent: a fresh one. */
  readonly envelopeId?: EnvelopeId;
  readonly signer: MessageSigner;
  readonly route: Route;
  /** ms, now by the sender's clock. */
  readonly sentAt: number;
  readonly contentType: string;
  readonly content: JsonValue;
  readonly threadRootId?: EnvelopeId | null;
  readonly replyToId?: EnvelopeId | null;
  readonly isVisibleToHuman?: boolean;
  /** A device listed twice counts once. */
  readonly recipients: readonly MessageRecipient[];
}

export interface SealDeps {
  readonly random: Random;
  readonly wrapPool: WrapPool;
}

export interface SealedMessage {
  readonly envelope: Envelope;
  readonly payload: MessagePayload;
  /** Secret: what `wrapForDevices` needs to serve devices that the server reports as missing. */
  readonly contentKey: Uint8Array;
}

/**
 * Seals one message. Refuses zero recipients (`no_recipients`), more than `LIMITS.recipientsPerEnvelope` and content
 * that cannot be signed (`not_signable`). Never holds up the event loop for long, however many devices there are.
 */
export async function sealEnvelope(message: MessageToSeal, deps: SealDeps): Promise<SealedMessage> {
  const { random } = deps;
  const { signer, route, sentAt } = message;
  const envelopeId = message.envelopeId ?? createEnvelopeId(random);
  const payload: MessagePayload = {
    senderSlug: signer.slug,
    senderSubkeyId: signer.subkeyId,
    route,
    sentAt,
    messageNonce: encodeBase64url(random.bytes(MESSAGE_NONCE_BYTES)),
    threadRootId: message.threadRootId ?? null,
    replyToId: message.replyToId ?? null,
    contentType: message.contentType,
    content: message.content,
    isVisibleToHuman: message.isVisibleToHuman ?? true,
  };
  const plaintext = signPayload(payload, signer.signingKey);
  const contentKey = random.bytes(KEY_BYTES);
  const contentNonce = random.bytes(NONCE_BYTES);
  const aad = envelopeAad({ envelopeId, senderSlug: signer.slug, sentAt, route });
  const contentCiphertext = aeadSeal({ key: contentKey, nonce: contentNonce, aad }, plaintext);
  const recipients = await wrapForDevices({ envelopeId, contentKey, devices: message.recipients }, deps);
  const envelope = buildEnvelope({
    envelopeId,
    senderSlug: signer.slug,
    sentAt,
    route,
    contentNonce,
    contentCiphertext,
    recipients,
  });
  return { envelope, payload, contentKey };
}

export interface DevicesToWrapFor {
  readonly envelopeId: EnvelopeId;
  readonly contentKey: Uint8Array;
  readonly devices: readonly MessageRecipient[];
}

/**
 * Recipient entries for `devices`, in their order without repetitions. Also serves devices that were missing: post the
 * same envelope again with these entries. spec: wire-protocol 9.22
 */
export async function wrapForDevices(input: DevicesToWrapFor, deps: SealDeps): Promise<readonly RecipientEntry[]> {
  const { envelopeId, contentKey } = input;
  const devices = [...new Map(input.devices.map((device) => [device.deviceId, device])).values()];
  if (devices.length === 0) {
    throw new ProtocolError('no_recipients', 'Cannot seal envelope: there is no device to seal it for', {
      field: 'recipients',
    });
  }
  if (devices.length > LIMITS.recipientsPerEnvelope) {
    const message = `Cannot seal envelope: ${devices.length} devices, allowed ${LIMITS.recipientsPerEnvelope}`;
    throw new ProtocolError('too_large', message, { field: 'recipients' });
  }
  const wraps = await deps.wrapPool.wrap({
    contentKey,
    aadPrefix: wrapAadPrefix(envelopeId),
    recipients: devices,
    ephemeralSecrets: deps.random.bytes(devices.length * KEY_BYTES),
  });
  const entries: RecipientEntry[] = [];
  for (const [index, { deviceId }] of devices.entries()) {
    if (index % ENTRIES_PER_TURN === ENTRIES_PER_TURN - 1) await nextTask();
    const wrap = wraps.subarray(index * WRAP_BYTES, (index + 1) * WRAP_BYTES);
    entries.push({
      deviceId,
      hpkeEnc: encodeBase64url(wrap.subarray(0, ENC_BYTES)),
      wrappedContentKey: encodeBase64url(wrap.subarray(ENC_BYTES)),
    });
  }
  return entries;
}
