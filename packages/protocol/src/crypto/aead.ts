// ChaCha20-Poly1305 (RFC 8439) behind argument checks. spec: wire-protocol 3
import { primitives } from '#primitives';
import { ProtocolError } from '../errors.ts';
import { KEY_BYTES } from './key-handle.ts';
import type { AeadInput } from './primitives.ts';

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/**
 * The ciphertext followed by its 16-byte tag. Every key of this protocol encrypts exactly once, which is what makes a
 * random nonce safe.
 */
export function aeadSeal(input: AeadInput, plaintext: Uint8Array): Uint8Array {
  checkLengths(input);
  return primitives.chacha20Poly1305Seal(input, plaintext);
}

/** The plaintext, or `undefined` when key, nonce, AAD, ciphertext and tag do not belong together. */
export function aeadOpen(input: AeadInput, sealed: Uint8Array): Uint8Array | undefined {
  checkLengths(input);
  if (sealed.length < TAG_BYTES) return undefined;
  return primitives.chacha20Poly1305Open(input, sealed);
}

function checkLengths({ key, nonce }: AeadInput): void {
  if (key.length !== KEY_BYTES) {
    throw new ProtocolError('bad_length', `Cannot use key: got ${key.length} bytes, expected ${KEY_BYTES}`, {
      field: 'key',
    });
  }
  if (nonce.length !== NONCE_BYTES) {
    throw new ProtocolError('bad_length', `Cannot use nonce: got ${nonce.length} bytes, expected ${NONCE_BYTES}`, {
      field: 'nonce',
    });
  }
}
