import { importVerifyKey, type VerifyKey } from '../crypto/ed25519.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { decodeJsonObject } from '../canonical/decode-json.ts';
import { ProtocolError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { decodeBytes, readString } from '../members.ts';

/**
 * The root key of the operator named in an agent's own stored identity certificate. `undefined`: there is none that can
 * be read, so nobody counts as the operator. Only reads; the certificate was verified when it was stored.
 * spec: wire-protocol 4.14, 12.3
 */
export function findOperatorKey(identityCertJson: string): VerifyKey | undefined {
  const what = 'identity_cert';
  const name = 'declared_operator_public_key';
  try {
    const object = decodeJsonObject(identityCertJson, { what, maxLength: LIMITS.jsonBodyBytes });
    const text = readString({ object, what }, name);
    return importVerifyKey(decodeBytes(text, { field: `${what}.${name}`, length: KEY_BYTES }), `${what}.${name}`);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
