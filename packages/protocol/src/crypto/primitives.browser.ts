// `#primitives` on noble, for browsers: no browser offers ChaCha20-Poly1305.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { NativeKey, Primitives } from './primitives.ts';

export const primitives: Primitives = {
  build: 'browser',

  sha256: (bytes) => sha256(bytes),
  hmacSha256: (key, bytes) => hmac(sha256, key, bytes),

  importEd25519Secret: nativeKey,
  importEd25519Public: nativeKey,
  ed25519PublicOf: (secret) => ed25519.getPublicKey(keyBytes(secret)),
  ed25519Sign: (secret, message) => ed25519.sign(message, keyBytes(secret)),
  ed25519Verify(key, { message, signature }) {
    try {
      return ed25519.verify(signature, message, keyBytes(key));
    } catch {
      // noble throws where the key or R is no point of the curve: not verified.
      return false;
    }
  },

  importX25519Secret: nativeKey,
  importX25519Public: nativeKey,
  x25519PublicOf: (secret) => x25519.getPublicKey(keyBytes(secret)),
  x25519(secret, publicKey) {
    try {
      return x25519.getSharedSecret(keyBytes(secret), keyBytes(publicKey));
    } catch {
      // noble refuses low-order points; both keys are known to have 32 bytes.
      return undefined;
    }
  },

  chacha20Poly1305Seal: ({ key, nonce, aad }, plaintext) => chacha20poly1305(key, nonce, aad).encrypt(plaintext),
  chacha20Poly1305Open({ key, nonce, aad }, sealed) {
    try {
      return chacha20poly1305(key, nonce, aad).decrypt(sealed);
    } catch {
      // Lengths are checked by the caller, so this is the tag.
      return undefined;
    }
  },
};

function nativeKey(bytes: Uint8Array): NativeKey {
  return new Uint8Array(bytes) as unknown as NativeKey;
}

function keyBytes(key: NativeKey): Uint8Array {
  return key as unknown as Uint8Array;
}
