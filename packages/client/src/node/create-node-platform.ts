// How a client in Node gets bytes out and in: pooled HTTP connections and sockets, straight or through a proxy.
// Further trusted authorities come by NODE_EXTRA_CA_CERTS, which Node reads itself.
import { createOpenSockets } from '../open-sockets.ts';
import type { Platform } from '../platform.ts';
import { type NodeSocket, openNodeSocket } from './node-socket.ts';
import { createNodeTransport } from './node-transport.ts';
import { createProxyRule, type Environment } from './proxy-rule.ts';

export interface NodePlatformOptions {
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY are read from it, once. */
  readonly environment: Environment;
}

export function createNodePlatform({ environment }: NodePlatformOptions): Platform {
  const findProxy = createProxyRule(environment);
  const http = createNodeTransport(findProxy);
  const sockets = createOpenSockets<NodeSocket>();
  return {
    transport: http.transport,
    openSocket: (options, handlers) =>
      sockets.add(handlers, (tracked) => openNodeSocket({ ...options, findProxy }, tracked)),
    async [Symbol.asyncDispose]() {
      await Promise.all([http[Symbol.asyncDispose](), sockets.closeAll((socket) => socket.end())]);
    },
  };
}
