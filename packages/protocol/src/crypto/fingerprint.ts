import { concatBytes, encodeUtf8 } from '@puffo/base';
import { primitives } from '#primitives';
import { LABELS } from '../labels.ts';
import { type VerifyKey, verifyKeyBytes } from './ed25519.ts';

const SEPARATOR = Uint8Array.of(0);

/** What is hashed to the fingerprint. spec: wire-protocol 3.3 */
export function rootFingerprintPreimage(rootKey: VerifyKey): Uint8Array {
  const { rootFingerprint, signatureAlgorithm } = LABELS;
  return concatBytes(
    encodeUtf8(rootFingerprint),
    SEPARATOR,
    encodeUtf8(signatureAlgorithm),
    SEPARATOR,
    verifyKeyBytes(rootKey),
  );
}

/** 32 bytes that name an identity's root key; fit to be shown to people. */
export function rootFingerprint(rootKey: VerifyKey): Uint8Array {
  return primitives.sha256(rootFingerprintPreimage(rootKey));
}
