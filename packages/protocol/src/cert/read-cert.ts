// Parts that the readers of all identity objects share. spec: wire-protocol 4.9
import { signingBytes } from '../canonical/signing-bytes.ts';
import { importVerifyKey, isSignatureValid, SIGNATURE_BYTES, type VerifyKey } from '../crypto/ed25519.ts';
import { importKemPublicKey, type KemPublicKey } from '../crypto/x25519.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts';
import { type Members, readBytes } from '../members.ts';

export function readVerifyKey(members: Members, name: string): VerifyKey {
  return importVerifyKey(readBytes(members, name, KEY_BYTES), `${members.what}.${name}`);
}

export function readKemKey(members: Members, name: string): KemPublicKey {
  return importKemPublicKey(readBytes(members, name, KEY_BYTES), `${members.what}.${name}`);
}

/** Read before anything is compared, so that a missing or misshapen signature is named as that. */
export function readSignature(members: Members, name: 'signature' | 'self_signature'): Uint8Array {
  return readBytes(members, name, SIGNATURE_BYTES);
}

export interface ExpectedKey {
  readonly name: string;
  readonly found: VerifyKey;
  readonly expected: VerifyKey;
  readonly reason: ProtocolErrorCode;
}

export function checkSameKey(members: Members, { name, found, expected, reason }: ExpectedKey): void {
  if (found.publicKey === expected.publicKey) return;
  throw certError(members, { name, reason, problem: 'it names another key than the one expected' });
}

export function checkSignature(members: Members, key: VerifyKey, signature: Uint8Array): void {
  if (isSignatureValid(key, { message: signingBytes(members.object), signature })) return;
  throw certError(members, { name: 'signature', reason: 'signature_invalid', problem: 'it does not verify' });
}

export interface CertProblem {
  readonly name: string;
  readonly reason: ProtocolErrorCode;
  readonly problem: string;
}

export function certError({ what }: Members, { name, reason, problem }: CertProblem): ProtocolError {
  const field = `${what}.${name}`;
  return new ProtocolError(reason, `Cannot accept ${field}: ${problem}`, { field });
}
