// What of a call stays the same however often it is sent: where it goes, its bytes and its bounds.
// spec: wire-protocol 5.2 to 5.4
import { encodeUtf8 } from '@puffo/base';
import { buildPath, type Endpoint, type EndpointDefinition, ProtocolError } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { CallOptions } from './http-client.ts';
import { type EndpointPolicy, policyOf } from './retry-table.ts';
import { titleOf } from './read-answer.ts';
import { addressRequest, type RequestAddress, type ServerAddress } from './server-address.ts';

/** A call of any endpoint: `CallOf` has checked its members. */
export interface GivenCall extends CallOptions {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

export interface BuiltCall extends RequestAddress {
  readonly endpoint: Endpoint;
  readonly body: Uint8Array;
  readonly policy: EndpointPolicy;
}

export interface CallPlace {
  readonly address: ServerAddress;
  /** For one exchange, instead of the endpoint's own. */
  readonly attemptTimeoutMs: number | undefined;
}

export function buildCall(endpoint: Endpoint, given: GivenCall, place: CallPlace): BuiltCall {
  const own = policyOf(endpoint.name, given.query);
  const { attempts = own.attempts, timeoutMs = own.timeoutMs } = given;
  const attemptTimeoutMs = place.attemptTimeoutMs ?? own.attemptTimeoutMs;
  const body = encodeBody(endpoint, given.body);
  const { url, target } = addressOf(endpoint, given, place.address);
  return { endpoint, url, target, body, policy: { ...own, attempts, timeoutMs, attemptTimeoutMs } };
}

function addressOf(endpoint: EndpointDefinition, given: GivenCall, address: ServerAddress): RequestAddress {
  try {
    return addressRequest(address, buildPath(endpoint, { params: given.params, query: given.query }));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(error.message, { code: 'invalid-input', cause: error, fields: error.fields });
  }
}

function encodeBody(endpoint: Endpoint, body: unknown): Uint8Array {
  const bytes = bytesOf(endpoint, body);
  const { name, maxBodyBytes } = endpoint;
  if (bytes.length <= maxBodyBytes) return bytes;
  const problem = `its body has ${bytes.length} bytes, and ${maxBodyBytes} are allowed`;
  throw new ClientError(`Cannot call ${titleOf(endpoint)}: ${problem}`, {
    code: 'invalid-input',
    fields: { endpoint: name, bytes: bytes.length, maxBytes: maxBodyBytes },
  });
}

/** An empty object is sent as no bytes at all. spec: wire-protocol 5.2 */
function bytesOf(endpoint: EndpointDefinition, body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (endpoint.body === undefined || body === undefined) return new Uint8Array(0);
  const text = JSON.stringify(body);
  return text === '{}' ? new Uint8Array(0) : encodeUtf8(text);
}
