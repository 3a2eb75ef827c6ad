// The smallest server that a proxy can stand before: answers requests with what they brought, and frames with themselves.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface EchoServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Method, target and body of each request that arrived. */
  readonly requests: readonly string[];
  /** Frames that arrived whole. */
  readonly frames: readonly string[];
  /** Codes of sockets that ended. */
  readonly closes: readonly number[];
  readonly sockets: ReadonlySet<WebSocket>;
}

export async function startEchoServer(port = 0): Promise<EchoServer> {
  const requests: string[] = [];
  const frames: string[] = [];
  const closes: number[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      requests.push(`${message.method} ${message.url} ${body}`);
      response.writeHead(200, { 'content-type': 'text/plain', 'x-asked': message.headers['x-asked'] ?? '' });
      response.end(`echo of ${body}`);
    });
  });
  const socketServer = new WebSocketServer({ noServer: true });
  server.on('upgrade', (message, socket, head) => {
    if (message.url !== '/subscribe') {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\nconnection: close\r\n\r\ngone');
      return;
    }
    socketServer.handleUpgrade(message, socket, head, (client) => {
      client.on('error', () => undefined);
      client.on('close', (code) => closes.push(code));
      client.on('message', (data: Buffer, binary) => {
        frames.push(data.toString());
        client.send(data, { binary });
      });
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    frames,
    closes,
    sockets: socketServer.clients,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of socketServer.clients) socket.terminate();
      await closed;
    },
  };
}
