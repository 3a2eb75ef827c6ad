// HTTP over undici: one pool of connections for what goes straight, and one for each proxy.
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { ClientError } from '../client-error.ts';
import type { Transport, TransportAnswer, TransportRequest } from '../platform.ts';
import { proxyAuthorization, type ProxyRule } from './proxy-rule.ts';
import { toUnreachable } from './unreachable.ts';

export interface NodeTransport extends AsyncDisposable {
  readonly transport: Transport;
}

const CONNECT_TIMEOUT_MS = 10_000;
const POOL = {
  connections: 32,
  pipelining: 1,
  // Shorter than any server's: a request on a connection that is just being closed would be lost.
  keepAliveTimeout: 4000,
} as const;

export function createNodeTransport(findProxy: ProxyRule): NodeTransport {
  const direct = new Agent({ ...POOL, connect: { timeout: CONNECT_TIMEOUT_MS } });
  const proxied = new Map<string, Dispatcher>();
  let isClosed = false;

  function dispatcherFor(proxy: URL | undefined): Dispatcher {
    if (proxy === undefined) return direct;
    const known = proxied.get(proxy.href);
    if (known !== undefined) return known;
    const agent = createProxyAgent(proxy);
    proxied.set(proxy.href, agent);
    return agent;
  }

  return {
    async transport(request) {
      if (isClosed) throw clientClosed();
      const proxy = findProxy(request.url);
      try {
        return await exchange(dispatcherFor(proxy), request);
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        if (isClosed) throw clientClosed(error);
        throw toUnreachable({ origin: new URL(request.url).origin, proxy }, error);
      }
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await Promise.all([direct, ...proxied.values()].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/** Tunnels http as it does https, so that one kind of proxy will do for requests and sockets. */
function createProxyAgent(proxy: URL): Dispatcher {
  const token = proxyAuthorization(proxy);
  const uri = `${proxy.protocol}//${proxy.host}`;
  const connect = { timeout: CONNECT_TIMEOUT_MS };
  return new ProxyAgent({
    ...POOL,
    uri,
    proxyTls: connect,
    requestTls: connect,
    ...(token === undefined ? {} : { token }),
  });
}

async function exchange(dispatcher: Dispatcher, request: TransportRequest): Promise<TransportAnswer> {
  const { method, url, headers, body, signal } = request;
  const { origin } = new URL(url);
  const answer = await dispatcher.request({
    origin,
    path: url.slice(origin.length),
    method: method as Dispatcher.HttpMethod,
    // Nothing here unpacks an answer, and a packed one could be a bomb.
    headers: { 'accept-encoding': 'identity', ...headers },
    body: body.length === 0 ? null : body,
    signal,
  });
  return {
    status: answer.statusCode,
    header: (name) => firstOf(answer.headers[name]),
    body: answer.body as AsyncIterable<Uint8Array>,
  };
}

function clientClosed(cause?: unknown): ClientError {
  return new ClientError('Cannot send request: the client is closed', { code: 'closed', cause });
}

function firstOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
