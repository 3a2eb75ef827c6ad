// Rung 4 of the golden path, first half: decrypt once. Who wrote it is `verify-message.ts`. spec: wire-protocol 6.7
import { decodeBase64url, isJsonObject, type JsonObject } from '@puffo/base';
import { decodeJsonObject } from '../canonical/decode-json.ts';
import { aeadOpen } from '../crypto/aead.ts';
import { hpkeOpen } from '../crypto/hpke.ts';
import type { KemSecretKey } from '../crypto/x25519.ts';
import { ProtocolError, type ProtocolErrorCode, type Verdict, verdictOf } from '../errors.ts';
import type { DeviceId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { wrapAad } from './aad.ts';
import { type Envelope, envelopeAad, type RecipientEntry } from './envelope.ts';
import { type MessagePayload, readPayload } from './payload.ts';
import { MESSAGE_INFO } from './wrap-content-key.ts';

/** Decrypted, but nobody knows yet who wrote it: good for looking up the subkey it names, and for nothing else. */
export interface UnverifiedMessage {
  readonly envelope: Envelope;
  readonly payload: MessagePayload;
  /** The payload as decrypted: what the signature covers. */
  readonly payloadObject: JsonObject;
  /** base64url, as decrypted. */
  readonly signature: string;
}

export interface ReadingDevice {
  readonly deviceId: DeviceId;
  readonly kemKey: KemSecretKey;
}

/**
 * Steps 3 to 11. Needs no certificates, so it is done once and its result kept while the sender's certificates are
 * fetched. Outside, all refusals look alike; the reason is for the log.
 */
export function openEnvelope(envelope: Envelope, device: ReadingDevice): Verdict<UnverifiedMessage> {
  return verdictOf(() => {
    const entry = envelope.recipients.find(({ deviceId }) => deviceId === device.deviceId);
    if (entry === undefined) throw failure('no_recipient_entry', 'it is not sealed for this device');
    const contentKey = unwrapContentKey(envelope, { entry, device });
    const aad = envelopeAad(envelope);
    const plaintext = aeadOpen({ key: contentKey, nonce: envelope.contentNonce, aad }, envelope.contentCiphertext);
    if (plaintext === undefined) throw failure('aead_open_failed', 'its content does not decrypt');
    const { payloadObject, signature } = readPlaintext(plaintext);
    return { envelope, payload: readPayload(payloadObject), payloadObject, signature };
  });
}

function unwrapContentKey(envelope: Envelope, own: { entry: RecipientEntry; device: ReadingDevice }): Uint8Array {
  const { entry, device } = own;
  const enc = decodeBase64url(entry.hpkeEnc);
  const ciphertext = decodeBase64url(entry.wrappedContentKey);
  if (enc === undefined || ciphertext === undefined) throw failure('bad_length', 'its entry is not base64url');
  const aad = wrapAad(envelope.envelopeId, device.deviceId);
  const contentKey = hpkeOpen(device.kemKey, { info: MESSAGE_INFO, aad, enc, ciphertext });
  // Its length needs no check: an entry of 48 bytes holds a key of 32.
  if (contentKey === undefined) throw failure('hpke_open_failed', 'its content key does not decrypt');
  return contentKey;
}

function readPlaintext(plaintext: Uint8Array): { payloadObject: JsonObject; signature: string } {
  try {
    const inner = decodeJsonObject(plaintext, { what: 'plaintext', maxLength: LIMITS.messageBodyBytes });
    const { payload, signature } = inner;
    if (isJsonObject(payload) && typeof signature === 'string') return { payloadObject: payload, signature };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw failure('plaintext_not_json', 'its plaintext cannot be read', error);
  }
  throw failure('plaintext_not_json', 'its plaintext has no payload and signature');
}

function failure(code: ProtocolErrorCode, problem: string, cause?: unknown): ProtocolError {
  return new ProtocolError(code, `Cannot open envelope: ${problem}`, { field: 'envelope', cause });
}
