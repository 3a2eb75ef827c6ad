import { decodeBase64url } from '@puffo/base';
import { importVerifyKey, type VerifyKey } from '@puffo/protocol';

/** A public key as the tables hold it: base64url that was checked when it came in. */
export function verifyKeyOf(publicKey: string): VerifyKey {
  return importVerifyKey(decodeBase64url(publicKey) ?? new Uint8Array(0));
}
