// How a client in a browser gets bytes out and in.
import { createOpenSockets } from '../open-sockets.ts';
import type { Platform, Socket } from '../platform.ts';
import { type BrowserSocketConstructor, openBrowserSocket } from './browser-socket.ts';
import { createBrowserTransport } from './browser-transport.ts';

const NORMAL_CLOSE = 1000;

export interface BrowserPlatformOptions {
  /** Absent: the page's own. */
  readonly fetch?: typeof fetch;
  readonly WebSocket?: BrowserSocketConstructor;
}

export function createBrowserPlatform(options: BrowserPlatformOptions = {}): Platform {
  // A browser's fetch insists on being called on its window.
  const http = createBrowserTransport(options.fetch ?? globalThis.fetch.bind(globalThis));
  const sockets = createOpenSockets<Socket>();
  return {
    transport: http.transport,
    openSocket(socketOptions, handlers) {
      const Constructor: BrowserSocketConstructor = options.WebSocket ?? globalThis.WebSocket;
      return sockets.add(handlers, (tracked) =>
        openBrowserSocket({ ...socketOptions, WebSocket: Constructor }, tracked),
      );
    },
    async [Symbol.asyncDispose]() {
      http[Symbol.dispose]();
      await sockets.closeAll((socket) => socket.close(NORMAL_CLOSE));
    },
  };
}
