// Carries the root secret to a new device of the same identity. spec: wire-protocol 4.8, 4.12
import { concatBytes, encodeBase64url, encodeUtf8, equalBytes, type JsonObject, type Random } from '@puffo/base';
import { exportSigningKey, importSigningKey, type SigningKey, type VerifyKey } from '../crypto/ed25519.ts';
import { rootFingerprint } from '../crypto/fingerprint.ts';
import { createHpkeInfo, ENC_BYTES, HPKE_OVERHEAD_BYTES, hpkeOpen, hpkeSeal } from '../crypto/hpke.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { importKemPublicKey, type KemPublicKey, kemPublicKeyBytes, type KemSecretKey } from '../crypto/x25519.ts';
import { ProtocolError, type ProtocolErrorCode, type Verdict, verdictOf } from '../errors.ts';
import { LABELS } from '../labels.ts';
import { readBytes, readTypedObject } from '../members.ts';

const ENROLLMENT_NONCE_BYTES = 32;
const FINGERPRINT_BYTES = 32;
const SEALED_ROOT_BYTES = ENC_BYTES + KEY_BYTES + HPKE_OVERHEAD_BYTES;
const TYPE = 'root_key_envelope';

export interface RootKeyAadInput {
  /** 32 bytes. */
  readonly enrollmentNonce: Uint8Array;
  readonly recipientKey: KemPublicKey;
  /** 32 bytes. */
  readonly fingerprint: Uint8Array;
}

export function rootKeyEnvelopeAad({ enrollmentNonce, recipientKey, fingerprint }: RootKeyAadInput): Uint8Array {
  const label = encodeUtf8(LABELS.rootKeyEnvelopeAad);
  return concatBytes(label, enrollmentNonce, kemPublicKeyBytes(recipientKey), fingerprint);
}

export interface RootKeyToSeal {
  readonly rootKey: SigningKey;
  /** From the out-of-band channel, never from the server: whoever holds this key receives the root secret. */
  readonly recipientKey: KemPublicKey;
  /** 32 bytes, of the enrolment. */
  readonly enrollmentNonce: Uint8Array;
  readonly random: Random;
}

export function sealRootKey({ rootKey, recipientKey, enrollmentNonce, random }: RootKeyToSeal): JsonObject {
  if (enrollmentNonce.length !== ENROLLMENT_NONCE_BYTES) {
    throw failure('bad_length', 'enrollment_nonce', `got ${enrollmentNonce.length} bytes, expected 32`);
  }
  const fingerprint = rootFingerprint(rootKey.verifyKey);
  const { enc, ciphertext } = hpkeSeal(recipientKey, {
    info: rootKeyInfo(),
    aad: rootKeyEnvelopeAad({ enrollmentNonce, recipientKey, fingerprint }),
    plaintext: exportSigningKey(rootKey),
    ephemeralSecret: random.bytes(KEY_BYTES),
  });
  return {
    type: TYPE,
    version: 1,
    enrollment_nonce: encodeBase64url(enrollmentNonce),
    recipient_kem_public_key: recipientKey.publicKey,
    hpke_ciphertext: encodeBase64url(concatBytes(enc, ciphertext)),
    root_public_key_fingerprint: encodeBase64url(fingerprint),
  };
}

export interface RootKeyReader {
  readonly kemKey: KemSecretKey;
  readonly enrollmentNonce: Uint8Array;
  /** The root of the verified identity certificate that came along. */
  readonly rootKey: VerifyKey;
}

/** The root secret, once it is certain that it is that of the expected identity and of this enrolment. */
export function openRootKey(value: unknown, reader: RootKeyReader): Verdict<SigningKey> {
  return verdictOf(() => {
    const members = readTypedObject(value, TYPE);
    const enrollmentNonce = readBytes(members, 'enrollment_nonce', ENROLLMENT_NONCE_BYTES);
    const recipientKeyBytes = readBytes(members, 'recipient_kem_public_key', KEY_BYTES);
    const sealed = readBytes(members, 'hpke_ciphertext', SEALED_ROOT_BYTES);
    const fingerprint = readBytes(members, 'root_public_key_fingerprint', FINGERPRINT_BYTES);
    const recipientKey = importKemPublicKey(recipientKeyBytes, `${TYPE}.recipient_kem_public_key`);
    if (recipientKey.publicKey !== reader.kemKey.kemPublicKey.publicKey) {
      throw failure('no_recipient_entry', 'recipient_kem_public_key', 'it is not sealed for this device');
    }
    if (!equalBytes(enrollmentNonce, reader.enrollmentNonce)) {
      throw failure('signer_mismatch', 'enrollment_nonce', 'it belongs to another enrolment');
    }
    const seed = hpkeOpen(reader.kemKey, {
      info: rootKeyInfo(),
      aad: rootKeyEnvelopeAad({ enrollmentNonce, recipientKey, fingerprint }),
      enc: sealed.subarray(0, ENC_BYTES),
      ciphertext: sealed.subarray(ENC_BYTES),
    });
    if (seed === undefined) throw failure('hpke_open_failed', 'hpke_ciphertext', 'it does not decrypt');
    const rootKey = importSigningKey(seed, 'root_secret_key');
    const isExpectedRoot = rootKey.verifyKey.publicKey === reader.rootKey.publicKey;
    if (!isExpectedRoot || !equalBytes(rootFingerprint(rootKey.verifyKey), fingerprint)) {
      throw failure('fingerprint_mismatch', 'root_public_key_fingerprint', 'it carries the secret of another root');
    }
    return rootKey;
  });
}

/** Enrolment is rare: its HPKE context is derived when needed. */
function rootKeyInfo() {
  return createHpkeInfo(encodeUtf8(LABELS.rootKeyHpkeInfo));
}

function failure(code: ProtocolErrorCode, member: string, problem: string): ProtocolError {
  const field = `${TYPE}.${member}`;
  return new ProtocolError(code, `Cannot accept ${field}: ${problem}`, { field });
}
