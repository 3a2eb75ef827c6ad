// What the signatures of requests and of socket connections cover. spec: wire-protocol 5.2, 10.1
import { concatBytes, encodeUtf8 } from '@puffo/base';
import { ProtocolError } from '../errors.ts';
import { describe } from '../ids.ts';

export interface RequestToSign {
  /** Upper case. */
  readonly method: string;
  /** Path and query exactly as they go on the wire, relative to the server URL; begins with `/`. */
  readonly target: string;
  /** Raw bytes as sent; empty where there is no body. */
  readonly body: Uint8Array;
}

/** `timestamp`: decimal milliseconds; `nonce`: base64url; both exactly as in the headers. */
export function requestSigningString(request: RequestToSign, stamp: { timestamp: string; nonce: string }): Uint8Array {
  const head = `${request.method}\n${request.target}\n${stamp.timestamp}\n${stamp.nonce}\n`;
  return concatBytes(encodeUtf8(head), request.body);
}

/** Refuses what would make the signing string ambiguous or can be no request line. */
export function assertRequestLine({ method, target }: Pick<RequestToSign, 'method' | 'target'>): void {
  if (!/^[A-Z]{1,16}$/.test(method)) {
    throw new ProtocolError('request_malformed', `Cannot sign request: method is ${describe(method)}`, {
      field: 'method',
    });
  }
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(target)) {
    const problem = 'the target must be an ASCII path that begins with / and has no space and no fragment';
    throw new ProtocolError('request_malformed', `Cannot sign request: ${problem}`, { field: 'target' });
  }
}

export interface ConnectToSign {
  readonly slug: string;
  readonly subkeyId: string;
  readonly nonce: string;
  /** ms */
  readonly timestamp: number;
}

export function connectSigningString({ slug, subkeyId, nonce, timestamp }: ConnectToSign): Uint8Array {
  return encodeUtf8(['ws-connect', slug, subkeyId, nonce, String(timestamp)].join('\n'));
}
