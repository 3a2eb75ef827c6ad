// The contract of `#primitives`: what the two builds (OpenSSL on Node, noble in the browser) both offer. Nothing here
// checks its arguments; `ed25519.ts`, `x25519.ts`, `aead.ts` and `hpke.ts` do, and only they import this.
// spec: wire-protocol 3
import type { Brand } from '@puffo/base';

/** A key as the platform holds it. Only the build that imported it can use it. */
export type NativeKey = Brand<object, 'NativeKey'>;

export interface AeadInput {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}

export interface Primitives {
  readonly build: 'node' | 'browser';

  sha256(bytes: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;

  /** From a 32-byte seed. */
  importEd25519Secret(seed: Uint8Array): NativeKey;
  importEd25519Public(bytes: Uint8Array): NativeKey;
  ed25519PublicOf(secret: NativeKey): Uint8Array;
  ed25519Sign(secret: NativeKey, message: Uint8Array): Uint8Array;
  /** Strict in S (S < L); never throws for 64 bytes of signature. */
  ed25519Verify(key: NativeKey, signed: { message: Uint8Array; signature: Uint8Array }): boolean;

  importX25519Secret(bytes: Uint8Array): NativeKey;
  importX25519Public(bytes: Uint8Array): NativeKey;
  x25519PublicOf(secret: NativeKey): Uint8Array;
  /** The shared secret, or `undefined` where the build itself refuses a low-order point. */
  x25519(secret: NativeKey, publicKey: NativeKey): Uint8Array | undefined;

  /** The ciphertext followed by the 16-byte tag. */
  chacha20Poly1305Seal(input: AeadInput, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, or `undefined` when the tag does not fit. `sealed` has at least 16 bytes. */
  chacha20Poly1305Open(input: AeadInput, sealed: Uint8Array): Uint8Array | undefined;
}

export declare const primitives: Primitives;
