// One WebSocket over `ws`, which always ends: with a closing handshake, or without one soon after. spec: wire-protocol 10.2
import { HttpsProxyAgent } from 'https-proxy-agent';
import { WebSocket } from 'ws';
import type { Socket, SocketHandlers, SocketOptions } from '../platform.ts';
import type { ProxyRule } from './proxy-rule.ts';

const HANDSHAKE_TIMEOUT_MS = 15_000;
const CLOSE_GRACE_MS = 2000;
const BROKEN = 1006;
const UNSUPPORTED_DATA = 1003;
const TOO_LARGE = 1009;

export interface NodeSocket extends Socket {
  /** At once; `onClose` follows. */
  end(): void;
}

export interface NodeSocketOptions extends SocketOptions {
  readonly findProxy: ProxyRule;
}

export function openNodeSocket(options: NodeSocketOptions, handlers: SocketHandlers): NodeSocket {
  const { url, maxFrameBytes, findProxy } = options;
  const proxy = findProxy(url);
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: maxFrameBytes,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    ...(proxy === undefined ? {} : { agent: new HttpsProxyAgent(proxy, { timeout: HANDSHAKE_TIMEOUT_MS }) }),
  });
  let graceTimer: NodeJS.Timeout | undefined;
  let ownCode: number | undefined;

  function close(code: number): void {
    if (socket.readyState === WebSocket.CLOSED) return;
    graceTimer ??= setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
    socket.close(code);
  }

  socket.on('open', () => handlers.onOpen());
  socket.on('message', (data, isBinary) => {
    // What still arrives after the end was decided is nobody's.
    if (graceTimer !== undefined) return;
    if (!isBinary) return handlers.onText(textOf(data));
    ownCode = UNSUPPORTED_DATA;
    close(UNSUPPORTED_DATA);
  });
  // 'close' always follows, and says all that its reader needs.
  socket.on('error', (error) => {
    if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') ownCode = TOO_LARGE;
    graceTimer ??= setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  });
  socket.once('close', (code, reason) => {
    clearTimeout(graceTimer);
    handlers.onClose(code === BROKEN ? (ownCode ?? code) : code, reason.toString());
  });

  return {
    send(text) {
      // A connection that just ended says so by 'close'.
      if (socket.readyState === WebSocket.OPEN) socket.send(text, () => undefined);
    },
    close,
    end: () => socket.terminate(),
  };
}

function textOf(data: Buffer | ArrayBuffer | readonly Buffer[]): string {
  if (Buffer.isBuffer(data)) return data.toString();
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : Buffer.concat(data).toString();
}
