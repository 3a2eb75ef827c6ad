// HTTP requests that want to become sockets: those for `/subscribe` may, the others get an answer in HTTP.
// spec: wire-protocol 10.1
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiErrorCode } from '@puffo/protocol';

const PATH = '/subscribe';

export interface UpgradeRefusal {
  readonly status: string;
  readonly code: ApiErrorCode;
  readonly message: string;
}

export const NO_SUCH_ROUTE: UpgradeRefusal = {
  status: '404 Not Found',
  code: 'NOT_FOUND',
  message: 'There is no such route',
};
export const TOO_MANY_SOCKETS: UpgradeRefusal = {
  status: '429 Too Many Requests',
  code: 'RATE_LIMITED',
  message: 'Too many connections',
};
export const STOPPING: UpgradeRefusal = {
  status: '503 Service Unavailable',
  code: 'INTERNAL',
  message: 'The server restarts',
};

export function isSubscribe(request: IncomingMessage): boolean {
  const [path] = (request.url ?? '').split('?', 1);
  return request.method === 'GET' && path === PATH && request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Where the socket comes from; behind a proxy that sets it, what the header says. */
export function addressOf(request: IncomingMessage, { trustProxy }: { readonly trustProxy: boolean }): string {
  const forwarded = request.headers['x-forwarded-for'];
  const [first = ''] = trustProxy && typeof forwarded === 'string' ? forwarded.split(',', 1) : [];
  return first.trim() || (request.socket.remoteAddress ?? 'unknown');
}

export function refuseUpgrade(socket: Duplex, { status, code, message }: UpgradeRefusal): void {
  const body = JSON.stringify({ error: code, message });
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  // Whoever hangs up before the answer does not want it.
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
