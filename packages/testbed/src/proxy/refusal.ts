// An answer that the proxy gives itself, in the shape of the server's errors. spec: wire-protocol 13.1, 13.2
import { STATUS_CODES } from 'node:http';
import { encodeUtf8 } from '@puffo/base';
import type { ApiErrorBody } from '@puffo/protocol';
import type { RequestFault } from './fault-kind.ts';

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const BODIES: Readonly<Record<number, ApiErrorBody>> = {
  401: { error: 'UNAUTHORIZED', message: 'Cannot accept this request: the caller is not proven' },
  429: { error: 'RATE_LIMITED', message: 'Cannot accept this request: there were too many, try again later' },
  503: { error: 'INTERNAL', message: 'Cannot accept this request: the server is busy, try again later' },
};

/** Of `refuse-…` and `mask-…`; `undefined` for the other kinds. */
export function findRefusal(kind: RequestFault, retryAfterSeconds: number): Refusal | undefined {
  const status = Number(/^(?:refuse|mask)-(\d+)$/.exec(kind)?.[1]);
  const content = BODIES[status];
  if (content === undefined) return undefined;
  const body = encodeUtf8(JSON.stringify(content));
  const wait: Record<string, string> = status === 401 ? {} : { 'retry-after': String(retryAfterSeconds) };
  return {
    status,
    headers: { ...wait, 'content-type': 'application/json', 'content-length': String(body.length) },
    body,
  };
}

/** As it goes over a socket that no HTTP server owns any more. */
export function formatRefusal({ status, headers, body }: Refusal): Uint8Array {
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([encodeUtf8(head), body]);
}
