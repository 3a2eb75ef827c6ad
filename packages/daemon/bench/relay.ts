// A relay on loopback that notes when it hands on which bytes to whom it serves: what stands between the server and the daemon.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** From now on bytes are noted. */
  note(): void;
  /** When bytes with this text went on to a client, ms of `performance`; `undefined`: never since `note`. */
  findMoment(text: string): number | undefined;
  /** A frame that was noted. */
  readonly lastFrame: Buffer | undefined;
}

export async function startRelay(targetUrl: string): Promise<Relay> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let noted: { readonly at: number; readonly bytes: Buffer }[] = [];
  let lastFrame: Buffer | undefined;

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes) => upstream.write(bytes)).on('close', () => upstream.destroy());
    upstream.on('data', (bytes) => {
      noted.push({ at: performance.now(), bytes });
      client.write(bytes);
    });
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    note() {
      noted = [];
    },
    findMoment(text) {
      const found = noted.find(({ bytes }) => bytes.includes('"type":"message"') && bytes.includes(text));
      lastFrame = found?.bytes ?? lastFrame;
      return found?.at;
    },
    get lastFrame() {
      return lastFrame;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
