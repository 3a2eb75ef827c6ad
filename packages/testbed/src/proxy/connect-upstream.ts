// Opens the proxy's own WebSocket to the target. It is paused until there is somebody to pass frames to.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { readBody } from './forward-request.ts';
import type { ProxyCore } from './proxy-core.ts';
import type { Refusal } from './refusal.ts';

/** Above what either side takes. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Made anew for this connection. */
const HANDSHAKE_HEADERS = /^(?:host|connection|upgrade|content-length|sec-websocket-.*)$/;

export type Upstream =
  | { readonly kind: 'open'; readonly socket: WebSocket; readonly raw: Duplex }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unreachable' };

export function connectUpstream(core: ProxyCore, message: IncomingMessage): Promise<Upstream> {
  const socket = new WebSocket(`ws://${core.target.host}${message.url ?? '/'}`, {
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    headers: passedOn(message),
  });
  return new Promise((resolve) => {
    let raw: Duplex | undefined;
    function stop(): void {
      socket.terminate();
    }
    function finish(upstream: Upstream): void {
      core.closed.removeEventListener('abort', stop);
      resolve(upstream);
    }
    core.closed.addEventListener('abort', stop);
    socket.on('upgrade', (response) => {
      raw = response.socket;
    });
    socket.on('open', () => {
      socket.pause();
      if (raw !== undefined) finish({ kind: 'open', socket, raw });
    });
    socket.on('unexpected-response', (_, response) => {
      void readRefusal(response).then(finish);
    });
    // Refused, reset, or ended by us: `close` always comes last.
    socket.on('error', () => finish({ kind: 'unreachable' }));
    socket.on('close', () => finish({ kind: 'unreachable' }));
  });
}

async function readRefusal(response: IncomingMessage): Promise<Upstream> {
  const body = await readBody(response);
  if (body === undefined) return { kind: 'unreachable' };
  const names = ['content-type', 'retry-after'];
  const kept = names.flatMap((name) => {
    const value = response.headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const headers = { ...(Object.fromEntries(kept) as Record<string, string>), 'content-length': String(body.length) };
  return { kind: 'refused', refusal: { status: response.statusCode ?? 502, headers, body } };
}

function passedOn({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' && !HANDSHAKE_HEADERS.test(name) ? [[name, value]] : [],
  );
  return Object.fromEntries(kept) as Record<string, string>;
}
