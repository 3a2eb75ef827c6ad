// A server that answers as a test tells it to, and keeps what it got. Real HTTP on loopback.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GotRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Oldest first. */
  readonly requests: readonly GotRequest[];
}

/** `number`: how many came before. */
export type Answerer = (response: ServerResponse, request: GotRequest, number: number) => unknown;

export async function startRawServer(answer: Answerer): Promise<RawServer> {
  const requests: GotRequest[] = [];
  const server = createServer((message, response) => {
    void readRequest(message).then((request) => {
      requests.push(request);
      return answer(response, request, requests.length - 1);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function readRequest(message: IncomingMessage): Promise<GotRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { method = '', url: target = '', headers } = message;
  return { method, target, headers, body: new Uint8Array(Buffer.concat(chunks)) };
}
