// `#primitives` on OpenSSL. Raw keys are imported as JWK: DER costs ten times as much. A pair that
// `generateKeyPairSync` made is never exported as JWK, because that can deadlock with the garbage collector in Node 20;
// secrets are therefore random bytes that are imported.
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { NativeKey, Primitives } from './primitives.ts';

const CIPHER = 'chacha20-poly1305';
const TAG_BYTES = 16;
const HASH_BYTES = 32;
const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

type Curve = 'Ed25519' | 'X25519';

export const primitives: Primitives = {
  build: 'node',

  sha256,
  hmacSha256,

  importEd25519Secret: (seed) => importSecret('Ed25519', seed),
  importEd25519Public: (bytes) => importPublic('Ed25519', bytes),
  ed25519PublicOf: publicBytesOf,
  ed25519Sign: (secret, message) => plain(sign(null, message, keyObject(secret))),
  ed25519Verify: (key, { message, signature }) => verify(null, message, keyObject(key), signature),

  importX25519Secret: (bytes) => importSecret('X25519', bytes),
  importX25519Public: (bytes) => importPublic('X25519', bytes),
  x25519PublicOf: publicBytesOf,
  x25519(secret, publicKey) {
    try {
      return diffieHellman({ privateKey: keyObject(secret), publicKey: keyObject(publicKey) });
    } catch {
      // OpenSSL refuses a derivation whose result is all zero; both keys are known to be well formed.
      return undefined;
    }
  },

  chacha20Poly1305Seal({ key, nonce, aad }, plaintext) {
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
    sealed.set(cipher.update(plaintext));
    // A stream cipher holds nothing back, so `final` only computes the tag.
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },
  chacha20Poly1305Open({ key, nonce, aad }, sealed) {
    const length = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(aad, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      // The one failure of `final` here: the tag does not fit.
      return undefined;
    }
    return plain(plaintext);
  },
};

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/**
 * RFC 2104 from two one-shot hashes. An `Hmac` object costs twice the time, and its finaliser shows in the pauses of the
 * garbage collector when thousands are made.
 */
function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const blockKey = key.length > BLOCK_BYTES ? sha256(key) : key;
  const inner = new Uint8Array(BLOCK_BYTES + bytes.length).fill(INNER_PAD, 0, BLOCK_BYTES);
  const outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES).fill(OUTER_PAD, 0, BLOCK_BYTES);
  for (let index = 0; index < blockKey.length; index++) {
    const byte = blockKey[index] ?? 0;
    inner[index] = byte ^ INNER_PAD;
    outer[index] = byte ^ OUTER_PAD;
  }
  inner.set(bytes, BLOCK_BYTES);
  outer.set(sha256(inner), BLOCK_BYTES);
  return sha256(outer);
}

function importSecret(crv: Curve, bytes: Uint8Array): NativeKey {
  const key = { kty: 'OKP', crv, d: base64url(bytes), x: '' };
  return createPrivateKey({ key, format: 'jwk' }) as unknown as NativeKey;
}

function importPublic(crv: Curve, bytes: Uint8Array): NativeKey {
  const key = { kty: 'OKP', crv, x: base64url(bytes) };
  return createPublicKey({ key, format: 'jwk' }) as unknown as NativeKey;
}

/** The export of the secret names the public key too, which saves a key object. */
function publicBytesOf(secret: NativeKey): Uint8Array {
  const { x } = keyObject(secret).export({ format: 'jwk' });
  return plain(Buffer.from(x ?? '', 'base64url'));
}

function keyObject(key: NativeKey): KeyObject {
  return key as unknown as KeyObject;
}

/** A `Uint8Array` as the contract says: the methods of a `Buffer` differ, and its memory may be shared with others. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}
