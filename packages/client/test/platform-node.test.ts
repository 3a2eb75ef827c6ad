// How bytes get out of Node and in: sockets that always end, and one proxy for requests and sockets.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createHttpClient, type Platform } from '../src/index.ts';
import { createNodePlatform } from '../src/node/index.ts';
import { startConnectProxy } from './kit/connect-proxy.ts';
import { createContext } from './kit/keys.ts';
import { answerJson, startRawServer } from './kit/raw-server.ts';
import { createSocketLog } from './kit/socket-log.ts';

const context = createContext(3);
const MAX_FRAME_BYTES = 1000;

interface SocketServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Of each connection, its `sec-websocket-extensions`. */
  readonly extensions: readonly (string | undefined)[];
}

async function startSocketServer(onConnection: (socket: WebSocket) => void): Promise<SocketServer> {
  const extensions: (string | undefined)[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true });
  server.on('connection', (socket, request) => {
    extensions.push(request.headers['sec-websocket-extensions']);
    onConnection(socket);
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/subscribe`,
    port,
    extensions,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Takes connections and says nothing. */
async function startMuteServer(): Promise<{ readonly server: Server; readonly port: number } & AsyncDisposable> {
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function openSocket(platform: Platform, url: string) {
  const log = createSocketLog();
  return { log, socket: platform.openSocket({ url, maxFrameBytes: MAX_FRAME_BYTES }, log) };
}

describe('a socket', () => {
  test('brings text both ways, uncompressed, and ends as the other side says', async () => {
    await using server = await startSocketServer((socket) => {
      socket.on('message', (data) => {
        socket.send(`got ${(data as Buffer).toString()}`);
        socket.close(4401, 'who are you');
      });
    });
    await using platform = createNodePlatform({ environment: {} });
    const { log, socket } = openSocket(platform, server.url);
    await log.opened;
    socket.send('hello');
    expect(await log.closed).toEqual({ code: 4401, reason: 'who are you' });
    expect(log.events).toEqual(['open', 'text got hello', 'close 4401']);
    expect(server.extensions).toEqual([undefined]);
    socket.send('too late');
    socket.close(1000);
    expect(log.events).toHaveLength(3);
  });

  test('takes a frame as large as the limit, and ends with one that is larger', async () => {
    await using server = await startSocketServer((socket) => {
      socket.send('ä'.repeat(MAX_FRAME_BYTES / 2));
      socket.send('x'.repeat(MAX_FRAME_BYTES + 1));
      socket.send('after');
    });
    await using platform = createNodePlatform({ environment: {} });
    const { log } = openSocket(platform, server.url);
    expect(await log.closed).toMatchObject({ code: 1009 });
    expect(log.events).toEqual(['open', `text ${'ä'.repeat(MAX_FRAME_BYTES / 2)}`, 'close 1009']);
  });

  test('ends with a binary frame', async () => {
    await using server = await startSocketServer((socket) => {
      socket.send(Buffer.from('bytes'));
      socket.send('after');
    });
    await using platform = createNodePlatform({ environment: {} });
    const { log } = openSocket(platform, server.url);
    expect(await log.closed).toMatchObject({ code: 1003 });
    expect(log.events).toEqual(['open', 'close 1003']);
  });

  test('reports once that it never came to be', async () => {
    const gone = await startMuteServer();
    await gone[Symbol.asyncDispose]();
    await using platform = createNodePlatform({ environment: {} });
    const { log } = openSocket(platform, `ws://127.0.0.1:${gone.port}/subscribe`);
    await log.closed;
    expect(log.events).toEqual(['close 1006']);
  });

  test('does not follow a redirect', async () => {
    await using elsewhere = await startSocketServer((socket) => socket.close(1000));
    const redirecting = createServer((socket) => {
      socket.once('data', () =>
        socket.end(`HTTP/1.1 302 Found\r\nLocation: ${elsewhere.url}\r\nContent-Length: 0\r\n\r\n`),
      );
    });
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    await using platform = createNodePlatform({ environment: {} });
    const { log } = openSocket(platform, `ws://127.0.0.1:${(redirecting.address() as AddressInfo).port}/subscribe`);
    expect(await log.closed).toMatchObject({ code: 1006 });
    expect(elsewhere.extensions).toEqual([]);
    redirecting.close();
  });

  test('ends soon after it was closed, also when the other side does not answer', async () => {
    await using server = await startSocketServer((socket) => socket.pause());
    await using platform = createNodePlatform({ environment: {} });
    const { log, socket } = openSocket(platform, server.url);
    await log.opened;
    socket.close(1000);
    await log.closed;
    expect(log.events).toEqual(['open', 'close 1006']);
  });

  test('that was closed before it was open says so', async () => {
    await using mute = await startMuteServer();
    await using platform = createNodePlatform({ environment: {} });
    const { log, socket } = openSocket(platform, `ws://127.0.0.1:${mute.port}/subscribe`);
    socket.close(1000);
    await log.closed;
    expect(log.events).toEqual(['close 1006']);
  });
});

describe('closing a platform', () => {
  test('ends its sockets and its requests, and lets nothing begin', async () => {
    await using mute = await startMuteServer();
    await using server = await startSocketServer(() => undefined);
    const platform = createNodePlatform({ environment: {} });
    const connecting = openSocket(platform, `ws://127.0.0.1:${mute.port}/subscribe`);
    const connected = openSocket(platform, server.url);
    await connected.log.opened;
    const serverUrl = `http://127.0.0.1:${mute.port}`;
    const http = createHttpClient({ serverUrl, transport: platform.transport, context });
    const failure = http.call('getHealth', {}).catch((error: unknown) => error);
    await once(mute.server, 'connection');
    await platform[Symbol.asyncDispose]();
    expect(connecting.log.events).toEqual(['close 1006']);
    expect(connected.log.events).toEqual(['open', 'close 1006']);
    expect(await failure).toMatchObject({ code: 'closed', retryable: false });
    expect(() => openSocket(platform, server.url)).toThrow(expect.objectContaining({ code: 'closed' }));
    await expect(http.call('getHealth', {})).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a proxy', () => {
  test('carries requests and sockets alike, and is told who asks', async () => {
    await using server = await startRawServer((response) => answerJson(response, { ok: true }));
    await using sockets = await startSocketServer((socket) => socket.close(4403));
    await using proxy = await startConnectProxy({ 'chat.test:80': server.port, 'chat.test:8080': sockets.port });
    const environment = { http_proxy: `http://bob:p%40ss@127.0.0.1:${proxy.port}` };
    await using platform = createNodePlatform({ environment });
    const http = createHttpClient({ serverUrl: 'http://chat.test', transport: platform.transport, context });
    expect(await http.call('getHealth', {})).toMatchObject({ ok: true });
    const { log } = openSocket(platform, 'ws://chat.test:8080/subscribe');
    expect(await log.closed).toMatchObject({ code: 4403 });
    const authorization = `Basic ${btoa('bob:p@ss')}`;
    expect(proxy.connects).toEqual([
      { authority: 'chat.test:80', authorization },
      { authority: 'chat.test:8080', authorization },
    ]);
    expect(server.requests[0]?.headers['proxy-authorization']).toBeUndefined();
    expect(server.requests[0]?.target).toBe('/health');
  });

  test('is left out for what NO_PROXY names', async () => {
    await using server = await startRawServer((response) => answerJson(response, { ok: true }));
    await using proxy = await startConnectProxy({});
    const environment = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '127.0.0.0/8' };
    await using platform = createNodePlatform({ environment });
    const http = createHttpClient({ serverUrl: server.url, transport: platform.transport, context });
    await http.call('getHealth', {});
    expect(proxy.connects).toEqual([]);
  });

  test('that refuses is named, and its password is not', async () => {
    await using proxy = await startConnectProxy({});
    const environment = { HTTP_PROXY: `http://bob:hunter2@127.0.0.1:${proxy.port}` };
    await using platform = createNodePlatform({ environment });
    const http = createHttpClient({ serverUrl: 'http://chat.test', transport: platform.transport, context });
    const failure = http.call('getHealth', { attempts: 1 });
    await expect(failure).rejects.toMatchObject({ code: 'unreachable', fields: { sent: false } });
    await expect(failure).rejects.toThrow(
      `Cannot reach http://chat.test through the proxy 127.0.0.1:${proxy.port}: the proxy refuses to connect to it`,
    );
    await expect(failure).rejects.toThrow(/^(?!.*hunter2)/);
    const { log } = openSocket(platform, 'ws://chat.test/subscribe');
    expect(await log.closed).toMatchObject({ code: 1006 });
    expect(proxy.connects.map(({ authority }) => authority)).toEqual(['chat.test:80', 'chat.test:80']);
  });
});
