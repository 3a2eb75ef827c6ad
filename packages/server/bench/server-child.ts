// One server in a process of its own, ours or a bare one, that tells what it uses. Started by the benchmark.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { decodeBase64url } from '@puffo/base';
import { importVerifyKey, isSignatureTextValid, requestSigningString } from '@puffo/protocol';
import { type Settings, startServer } from '@puffo/server';
import { createGroupFlush } from '@puffo/sql';
import Libsql from 'libsql';
import { WebSocketServer } from 'ws';

/** From the benchmark to the child. */
export type Order =
  | { readonly kind: 'start-ours'; readonly settings: Settings }
  | { readonly kind: 'start-bare'; readonly dataDir: string; readonly publicKey: string; readonly download: number }
  | { readonly kind: 'broadcast'; readonly text: string }
  | { readonly kind: 'memory' }
  | { readonly kind: 'watch-delay' }
  | { readonly kind: 'read-delay' };

export interface Report {
  readonly url?: string;
  readonly bytes?: number;
  readonly delayP99Ms?: number;
}

const delay = monitorEventLoopDelay({ resolution: 2 });
let bareSockets: WebSocketServer | undefined;

process.on('message', (order: Order) => {
  void obey(order).then((report) => process.send?.(report));
});

async function obey(order: Order): Promise<Report> {
  switch (order.kind) {
    case 'start-ours':
      return { url: (await startServer(order.settings)).url };
    case 'start-bare':
      return { url: await startBare(order) };
    case 'broadcast':
      for (const socket of bareSockets?.clients ?? []) socket.send(order.text);
      return {};
    case 'memory':
      globalThis.gc?.();
      return { bytes: usedBytes() };
    case 'watch-delay':
      delay.reset();
      delay.enable();
      return {};
    case 'read-delay':
      delay.disable();
      return { delayP99Ms: delay.percentile(99) / 1e6 };
  }
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The least that could be done: read the body, verify one signature, make one row durable, answer. */
async function startBare({ dataDir, publicKey, download }: Extract<Order, { kind: 'start-bare' }>): Promise<string> {
  const path = join(dataDir, 'bare.db');
  const database = new Libsql(path);
  database.pragma('journal_mode = wal');
  database.pragma('synchronous = normal');
  database.exec('create table rows (id text primary key, body text)');
  const log = await open(`${path}-wal`, 'r+');
  const { flush } = createGroupFlush(() => log.datasync());
  const insert = database.prepare('insert into rows (id, body) values (?, ?)');
  const key = importVerifyKey(decodeBase64url(publicKey) ?? new Uint8Array(0));
  const downloadBody = Buffer.alloc(download, 'x');
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end(downloadBody);
      return;
    }
    void readBody(request).then(async (body) => {
      const timestamp = headerOf(request, 'x-puffo-timestamp');
      const nonce = headerOf(request, 'x-puffo-nonce');
      const message = requestSigningString({ method: 'POST', target: '/messages', body }, { timestamp, nonce });
      const isValid = isSignatureTextValid(key, { message, signature: headerOf(request, 'x-puffo-signature') });
      insert.run(createHash('sha256').update(nonce).digest('hex'), body.toString());
      await flush();
      response.statusCode = isValid ? 201 : 401;
      response.end('{"ok":true}');
    });
  });
  bareSockets = new WebSocketServer({ server, perMessageDeflate: false });
  bareSockets.on('connection', (socket) => socket.on('message', () => undefined));
  return listen(server);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
