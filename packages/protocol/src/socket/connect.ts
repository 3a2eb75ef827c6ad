// The first frame on a socket, signed by a subkey. spec: wire-protocol 10.1
import { encodeBase64url, type JsonObject } from '@puffo/base';
import { SIGNATURE_BYTES, signToText } from '../crypto/ed25519.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { ProtocolError, type Refusal, refusalOf } from '../errors.ts';
import { parseSlug, parseSubkeyId, type Slug, type SubkeyId } from '../ids.ts';
import { type Members, readBytes, readObject, readString, readTime } from '../members.ts';
import { authenticate, type Authority, type AuthVerdict, type Claims } from '../request/authenticate.ts';
import { REQUEST_NONCE_BYTES, type RequestStamp } from '../request/sign-request.ts';
import { connectSigningString } from '../request/signing-string.ts';

export interface SocketCredentials {
  readonly slug: Slug;
  readonly subkeyId: SubkeyId;
  readonly signingKey: SigningKey;
}

export function createConnectFrame(credentials: SocketCredentials & RequestStamp): JsonObject {
  const { slug, subkeyId, signingKey, timestamp, random } = credentials;
  const nonce = encodeBase64url(random.bytes(REQUEST_NONCE_BYTES));
  const signature = signToText(signingKey, connectSigningString({ slug, subkeyId, nonce, timestamp }));
  return { type: 'connect', slug, subkey_id: subkeyId, nonce, timestamp, signature };
}

/** Verifies like a request of class `subkey`. Malformed frames are refused, not thrown. */
export async function verifyConnectFrame(
  frame: unknown,
  authority: Omit<Authority, 'authClass'>,
): Promise<AuthVerdict> {
  const claims = readConnectClaims(frame);
  return claims.kind === 'refused' ? claims : authenticate(claims, { ...authority, authClass: 'subkey' });
}

/**
 * `https://host/relay` to `wss://host/relay/subscribe`. Throws for a URL that is neither http nor https.
 */
export function socketUrlOf(serverUrl: string): string {
  const match = /^http(s?):\/\/(.+?)\/*$/i.exec(serverUrl);
  if (match === null) {
    const message = 'Cannot connect: the server URL must begin with http:// or https://';
    throw new ProtocolError('request_malformed', message, { field: 'server_url' });
  }
  const [, secure = '', rest = ''] = match;
  return `ws${secure.toLowerCase()}://${rest}/subscribe`;
}

function readConnectClaims(frame: unknown): ({ readonly kind: 'claims' } & Claims) | Refusal {
  try {
    const members = readObject(frame, 'connect');
    if (readString(members, 'type') !== 'connect') {
      throw new ProtocolError('wrong_type', 'Cannot accept connection: the first frame is no connect frame', {
        field: 'connect.type',
      });
    }
    return { kind: 'claims', ...readSignedPart(members) };
  } catch (error) {
    if (error instanceof ProtocolError) return refusalOf(error);
    throw error;
  }
}

function readSignedPart(members: Members): Claims {
  const slug = parseSlug(readString(members, 'slug'), 'connect.slug');
  const subkeyId = parseSubkeyId(readString(members, 'subkey_id'), 'connect.subkey_id');
  const timestamp = readTime(members, 'timestamp');
  readBytes(members, 'nonce', REQUEST_NONCE_BYTES);
  readBytes(members, 'signature', SIGNATURE_BYTES);
  const nonce = readString(members, 'nonce');
  const messages = [connectSigningString({ slug, subkeyId, nonce, timestamp })];
  return { slug, signerId: subkeyId, timestamp, nonce, signature: readString(members, 'signature'), messages };
}
