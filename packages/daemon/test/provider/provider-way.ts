// The way to a provider on loopback, at an address that stays the same: open, closed, or one that resets whoever comes.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface ProviderWay extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  open(): Promise<void>;
  /** Nobody listens: connections are refused. */
  close(): Promise<void>;
  /** Connections are taken, and reset. */
  reset(): Promise<void>;
}

/** It is open. `target`: `http://127.0.0.1:<port>`. */
export async function openProviderWay(target: string): Promise<ProviderWay> {
  const targetPort = Number(new URL(target).port);
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  async function listen(take: (socket: Socket) => void): Promise<void> {
    await close();
    server = createServer((socket) => {
      keep(socket);
      take(socket);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) ({ port } = address);
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    // A connection that is cut off says so; both ends know.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  }

  async function close(): Promise<void> {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    const closed = once(closing, 'close');
    closing.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  function relay(socket: Socket): void {
    const other = connect(targetPort, '127.0.0.1');
    keep(other);
    socket.pipe(other).pipe(socket);
    socket.on('close', () => other.destroy());
    // What is cut there is cut here, too.
    other.on('close', () => (other.errored === null ? socket.end() : socket.resetAndDestroy()));
  }

  const open = () => listen(relay);
  await open();
  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    open,
    close,
    reset: () => listen((socket) => void socket.resetAndDestroy()),
    [Symbol.asyncDispose]: close,
  };
}
