// Decides whether a signed HTTP request is accepted. spec: wire-protocol 5.4, 5.6
import { ProtocolError, type Refusal, refusalOf } from '../errors.ts';
import { isSlug } from '../ids.ts';
import { SIGNATURE_BYTES } from '../crypto/ed25519.ts';
import { decodeBytes } from '../members.ts';
import { authenticate, type Authority, type AuthVerdict, type Claims, isSignerId } from './authenticate.ts';
import { REQUEST_NONCE_BYTES } from './sign-request.ts';
import { requestSigningString, type RequestToSign } from './signing-string.ts';

const TIMESTAMP = /^(?:0|[1-9][0-9]{0,15})$/;

export interface ReceivedRequest extends RequestToSign {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** All of 5.6. `target` is the raw request target as received, without the prefix of a relay. */
export async function verifyRequest(request: ReceivedRequest, authority: Authority): Promise<AuthVerdict> {
  const claims = readClaims(request);
  return claims.kind === 'refused' ? claims : authenticate(claims, authority);
}

function readClaims(request: ReceivedRequest): ({ readonly kind: 'claims' } & Claims) | Refusal {
  try {
    const version = request.headers['x-puffo-version'];
    if (version !== undefined && version !== 'v1') throw malformed('x-puffo-version', "it is not 'v1'");
    const slug = readHeader(request, 'x-puffo-slug');
    const signerId = readHeader(request, 'x-puffo-signer-id');
    const timestamp = readHeader(request, 'x-puffo-timestamp');
    const nonce = readHeader(request, 'x-puffo-nonce');
    const signature = readHeader(request, 'x-puffo-signature');
    if (!isSlug(slug)) throw malformed('x-puffo-slug', 'it is no slug');
    if (!isSignerId(signerId)) throw malformed('x-puffo-signer-id', 'it is no subkey id and no device id');
    if (!TIMESTAMP.test(timestamp)) throw malformed('x-puffo-timestamp', 'it is no decimal number of milliseconds');
    const code = 'request_malformed';
    decodeBytes(nonce, { field: 'x-puffo-nonce', length: REQUEST_NONCE_BYTES, code });
    decodeBytes(signature, { field: 'x-puffo-signature', length: SIGNATURE_BYTES, code });
    const messages = possibleTargets(request.target).map((target) =>
      requestSigningString({ ...request, target }, { timestamp, nonce }),
    );
    return { kind: 'claims', slug, signerId, timestamp: Number(timestamp), nonce, signature, messages };
  } catch (error) {
    if (error instanceof ProtocolError) return refusalOf(error);
    throw error;
  }
}

/**
 * The target as received and, where a query value holds `:` or `,`, the spelling in which they are escaped: the HTTP
 * library of 0.7.2 sends them literally after the escaped form was signed. Both spellings are the same request.
 */
function possibleTargets(target: string): readonly string[] {
  const queryStart = target.indexOf('?');
  const query = queryStart === -1 ? '' : target.slice(queryStart);
  const escaped = query.replaceAll(':', '%3A').replaceAll(',', '%2C');
  return escaped === query ? [target] : [target, target.slice(0, queryStart) + escaped];
}

function readHeader(request: ReceivedRequest, name: string): string {
  const value = request.headers[name];
  if (typeof value === 'string') return value;
  throw malformed(name, value === undefined ? 'it is missing' : 'it is repeated');
}

function malformed(field: string, problem: string): ProtocolError {
  return new ProtocolError('request_malformed', `Cannot authenticate caller: ${field}: ${problem}`, { field });
}
