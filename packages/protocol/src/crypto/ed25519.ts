// Ed25519 (RFC 8032, pure, no context) behind argument checks. spec: wire-protocol 3, 3.4
import { type Brand, decodeBase64url, encodeBase64url, type Random } from '@puffo/base';
import { primitives } from '#primitives';
import { ProtocolError } from '../errors.ts';
import { copyKeyBytes, createKeyRing, KEY_BYTES } from './key-handle.ts';
import { isSmallOrderEd25519 } from './small-order.ts';

export const SIGNATURE_BYTES = 64;

/** A public key that signatures are checked with. Equal keys have equal `publicKey` text. */
export type VerifyKey = Brand<{ readonly publicKey: string }, 'VerifyKey'>;

/** A secret signing key. The seed is not a member: it cannot be logged or serialised by accident. */
export type SigningKey = Brand<{ readonly verifyKey: VerifyKey }, 'SigningKey'>;

const verifyKeys = createKeyRing<VerifyKey>((bytes) => primitives.importEd25519Public(bytes));
const signingKeys = createKeyRing<SigningKey>((bytes) => primitives.importEd25519Secret(bytes));

/** `bytes`: 32. Refuses points of small order; `role` names the key in errors. */
export function importVerifyKey(bytes: Uint8Array, role = 'public_key'): VerifyKey {
  const copy = copyKeyBytes(bytes, role);
  if (isSmallOrderEd25519(copy)) {
    throw new ProtocolError('small_order_key', `Cannot use ${role}: it is a point of small order`, { field: role });
  }
  return verifyKeys.add({ publicKey: encodeBase64url(copy) } as VerifyKey, copy);
}

/** `seed`: 32 secret bytes. */
export function importSigningKey(seed: Uint8Array, role = 'secret_key'): SigningKey {
  const copy = copyKeyBytes(seed, role);
  const native = primitives.importEd25519Secret(copy);
  const verifyKey = importVerifyKey(primitives.ed25519PublicOf(native));
  return signingKeys.add({ verifyKey } as SigningKey, copy, native);
}

export function generateSigningKey(random: Random): SigningKey {
  return importSigningKey(random.bytes(KEY_BYTES));
}

/** A copy of the 32-byte seed, to be stored. The caller keeps it secret. */
export function exportSigningKey(key: SigningKey): Uint8Array {
  return new Uint8Array(signingKeys.bytesOf(key));
}

/** The 32 bytes of the public key. */
export function verifyKeyBytes(key: VerifyKey): Uint8Array {
  return new Uint8Array(verifyKeys.bytesOf(key));
}

/** 64 bytes; the same for the same key and message. */
export function signMessage(key: SigningKey, message: Uint8Array): Uint8Array {
  return primitives.ed25519Sign(signingKeys.nativeOf(key), message);
}

/** Whether `signature` is right. A signature of another length, and a key that is no point, count as wrong. */
export function isSignatureValid(key: VerifyKey, signed: { message: Uint8Array; signature: Uint8Array }): boolean {
  if (signed.signature.length !== SIGNATURE_BYTES) return false;
  let native;
  try {
    native = verifyKeys.nativeOf(key);
  } catch (error) {
    // Some builds of OpenSSL refuse at import what is no point of the curve. spec: wire-protocol 3.4
    if (error instanceof ProtocolError) throw error;
    return false;
  }
  return primitives.ed25519Verify(native, signed);
}

/** The signature as it stands in JSON: 86 characters of base64url. */
export function signToText(key: SigningKey, message: Uint8Array): string {
  return encodeBase64url(signMessage(key, message));
}

/** As `isSignatureValid`, for a signature in its JSON form. */
export function isSignatureTextValid(key: VerifyKey, signed: { message: Uint8Array; signature: string }): boolean {
  const signature = decodeBase64url(signed.signature);
  return signature !== undefined && isSignatureValid(key, { message: signed.message, signature });
}
