// One WebSocket of a browser, with the ends that browsers leave open: a limit on frames, and a close that is always told.
// spec: wire-protocol 10.2
import { encodeUtf8 } from '@puffo/base';
import type { Socket, SocketHandlers, SocketOptions } from '../platform.ts';

/** The part of a browser's WebSocket that is used here. */
export interface BrowserSocket {
  readonly readyState: number;
  binaryType: string;
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: string, listener: (event: BrowserSocketEvent) => void): void;
}

/** Of several events, the members that are read. */
export interface BrowserSocketEvent {
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

export type BrowserSocketConstructor = new (url: string) => BrowserSocket;

const HANDSHAKE_TIMEOUT_MS = 15_000;
const CLOSE_GRACE_MS = 2000;
const OPEN = 1;
const BROKEN = 1006;
const UNSUPPORTED_DATA = 1003;
const TOO_LARGE = 1009;

export interface BrowserSocketOptions extends SocketOptions {
  readonly WebSocket: BrowserSocketConstructor;
}

export function openBrowserSocket(options: BrowserSocketOptions, handlers: SocketHandlers): Socket {
  const { url, maxFrameBytes, WebSocket: Constructor } = options;
  const socket = new Constructor(url);
  socket.binaryType = 'arraybuffer';
  let state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  let timer = setTimeout(() => close(BROKEN), HANDSHAKE_TIMEOUT_MS);

  function finish(code: number, reason: string): void {
    if (state === 'closed') return;
    state = 'closed';
    clearTimeout(timer);
    handlers.onClose(code, reason);
  }

  /** A browser may wait long for the other side's part of the handshake. */
  function close(code: number, toldCode = BROKEN): void {
    if (state === 'closing' || state === 'closed') return;
    state = 'closing';
    clearTimeout(timer);
    timer = setTimeout(() => finish(toldCode, ''), CLOSE_GRACE_MS);
    socket.close(sendableCode(code));
  }

  function refuse(code: number): void {
    close(code, code);
    finish(code, '');
  }

  socket.addEventListener('open', () => {
    if (state !== 'connecting') return;
    state = 'open';
    clearTimeout(timer);
    handlers.onOpen();
  });
  socket.addEventListener('message', ({ data }) => {
    if (state !== 'open') return;
    if (typeof data !== 'string') return refuse(UNSUPPORTED_DATA);
    if (isLarger(data, maxFrameBytes)) return refuse(TOO_LARGE);
    handlers.onText(data);
  });
  socket.addEventListener('close', ({ code = BROKEN, reason = '' }) => finish(code, reason));
  return {
    send(text) {
      // A connection that just ended says so by its close.
      if (state === 'open' && socket.readyState === OPEN) socket.send(text);
    },
    close: (code) => close(code),
  };
}

/** Browsers let a page send no other codes. */
function sendableCode(code: number): number | undefined {
  return code === 1000 || (code >= 3000 && code <= 4999) ? code : undefined;
}

/** A UTF-16 unit takes one to three bytes. */
function isLarger(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  return text.length * 3 > maxBytes && encodeUtf8(text).length > maxBytes;
}
