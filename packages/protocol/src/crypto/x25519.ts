// X25519 (RFC 7748) behind argument checks. spec: wire-protocol 3, 3.4
import { type Brand, encodeBase64url, type Random } from '@puffo/base';
import { primitives } from '#primitives';
import { ProtocolError } from '../errors.ts';
import { copyKeyBytes, createKeyRing, KEY_BYTES } from './key-handle.ts';
import type { NativeKey } from './primitives.ts';
import { isSmallOrderX25519 } from './small-order.ts';

/** A public key that content keys are sealed to. */
export type KemPublicKey = Brand<{ readonly publicKey: string }, 'KemPublicKey'>;

/** The secret half. The bytes are not a member: they cannot be logged or serialised by accident. */
export type KemSecretKey = Brand<{ readonly kemPublicKey: KemPublicKey }, 'KemSecretKey'>;

const publicKeys = createKeyRing<KemPublicKey>((bytes) => primitives.importX25519Public(bytes));
const secretKeys = createKeyRing<KemSecretKey>((bytes) => primitives.importX25519Secret(bytes));

/** `bytes`: 32. Refuses points of small order; `role` names the key in errors. */
export function importKemPublicKey(bytes: Uint8Array, role = 'kem_public_key'): KemPublicKey {
  const copy = copyKeyBytes(bytes, role);
  if (isSmallOrderX25519(copy)) {
    throw new ProtocolError('small_order_key', `Cannot use ${role}: it is a point of small order`, { field: role });
  }
  return publicKeys.add({ publicKey: encodeBase64url(copy) } as KemPublicKey, copy);
}

/** `bytes`: 32 secret bytes. */
export function importKemSecretKey(bytes: Uint8Array, role = 'kem_secret_key'): KemSecretKey {
  const copy = copyKeyBytes(bytes, role);
  const native = primitives.importX25519Secret(copy);
  const kemPublicKey = importKemPublicKey(primitives.x25519PublicOf(native));
  return secretKeys.add({ kemPublicKey } as KemSecretKey, copy, native);
}

export function generateKemSecretKey(random: Random): KemSecretKey {
  return importKemSecretKey(random.bytes(KEY_BYTES));
}

/** A copy of the 32 secret bytes, to be stored. The caller keeps it secret. */
export function exportKemSecretKey(key: KemSecretKey): Uint8Array {
  return new Uint8Array(secretKeys.bytesOf(key));
}

/** The 32 bytes of the public key. */
export function kemPublicKeyBytes(key: KemPublicKey): Uint8Array {
  return new Uint8Array(publicKeys.bytesOf(key));
}

/** For HPKE alone: the key as the platform holds it. */
export function nativeKemPublicKey(key: KemPublicKey): NativeKey {
  return publicKeys.nativeOf(key);
}

/** For HPKE alone: the key as the platform holds it. */
export function nativeKemSecretKey(key: KemSecretKey): NativeKey {
  return secretKeys.nativeOf(key);
}
