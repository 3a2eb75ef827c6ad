// As much of S3 as the blob store uses, in memory, remembering what was asked.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeS3 extends AsyncDisposable {
  readonly url: string;
  readonly requests: { readonly method: string; readonly path: string; readonly authorization: string }[];
  /** Statuses that the next requests are answered with. */
  readonly failures: number[];
}

export async function startFakeS3(): Promise<FakeS3> {
  const objects = new Map<string, Buffer>();
  const requests: FakeS3['requests'] = [];
  const failures: number[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { method = '', url: path = '', headers } = request;
      requests.push({ method, path, authorization: headers.authorization ?? '' });
      const failure = failures.shift();
      if (failure !== undefined) return response.writeHead(failure).end('<Error/>');
      if (method === 'PUT') objects.set(path, body);
      if (method === 'DELETE') objects.delete(path);
      const found = objects.get(path);
      if (method !== 'GET') return response.writeHead(method === 'PUT' ? 200 : 204).end();
      return found === undefined ? response.writeHead(404).end('<Error/>') : response.writeHead(200).end(found);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    failures,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
