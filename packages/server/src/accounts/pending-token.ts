// The token that finishes a registration. The tables hold its hash only; and it finishes nothing without a slug binding
// signed by the root key. spec: wire-protocol 4.10, 4.11
import { createHash, createHmac } from 'node:crypto';
import { encodeBase64url, type Random } from '@puffo/base';

const TOKEN_BYTES = 32;

/** Takes 32 random bytes. */
export function createPendingToken(random: Random): string {
  return encodeBase64url(random.bytes(TOKEN_BYTES));
}

/**
 * An operator who asks again gets the token of the first time, so it is made from what only they and the server know until
 * it is used: the signature of the attestation.
 */
export function agentTokenOf(attestationSignature: string, slug: string): string {
  return createHmac('sha256', attestationSignature).update(`pending ${slug}`).digest('base64url');
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
