// Signs one HTTP request. spec: wire-protocol 5.1, 5.2
import { encodeBase64url, type Random } from '@puffo/base';
import { type SigningKey, signToText } from '../crypto/ed25519.ts';
import type { DeviceId, Slug, SubkeyId } from '../ids.ts';
import { assertRequestLine, requestSigningString, type RequestToSign } from './signing-string.ts';

export const REQUEST_NONCE_BYTES = 16;

export interface RequestCredentials {
  readonly slug: Slug;
  /** A device key signs only where the endpoint's class allows it. */
  readonly signerId: SubkeyId | DeviceId;
  readonly signingKey: SigningKey;
}

export interface RequestStamp {
  /** ms, now by the caller's clock. */
  readonly timestamp: number;
  readonly random: Random;
}

/** The six `x-puffo-*` headers. Sign again, with a new stamp, whenever the request is sent again. */
export function signRequest(
  request: RequestToSign,
  { slug, signerId, signingKey, timestamp, random }: RequestCredentials & RequestStamp,
): Readonly<Record<string, string>> {
  assertRequestLine(request);
  const stamp = { timestamp: String(timestamp), nonce: encodeBase64url(random.bytes(REQUEST_NONCE_BYTES)) };
  return {
    'x-puffo-version': 'v1',
    'x-puffo-slug': slug,
    'x-puffo-signer-id': signerId,
    'x-puffo-timestamp': stamp.timestamp,
    'x-puffo-nonce': stamp.nonce,
    'x-puffo-signature': signToText(signingKey, requestSigningString(request, stamp)),
  };
}
