// Sockets that a test plays the server of.
import type { JsonObject } from '@puffo/base';
import { decodeJsonObject } from '@puffo/protocol';
import type { OpenSocket, SocketHandlers } from '../../src/index.ts';

export interface FakeSocket {
  readonly url: string;
  /** What the client sent, parsed. */
  readonly sent: readonly JsonObject[];
  /** With which code the client closed it. */
  readonly closedWith: number | undefined;
  accept(): void;
  say(frame: unknown): void;
  sayText(text: string): void;
  close(code: number): void;
}

export interface FakeSockets {
  readonly open: OpenSocket;
  readonly all: readonly FakeSocket[];
  readonly last: FakeSocket;
}

export function createFakeSockets(): FakeSockets {
  const all: FakeSocket[] = [];
  return {
    all,
    get last() {
      const last = all.at(-1);
      if (last === undefined) throw new Error('no socket was opened');
      return last;
    },
    open({ url }, handlers) {
      const socket = createFakeSocket(url, handlers);
      all.push(socket);
      return {
        send(text) {
          if (socket.isClosed) throw new Error('it is closed');
          socket.sent.push(decodeJsonObject(text, { what: 'sent frame', maxLength: 10_000_000 }));
        },
        close(code) {
          socket.closedWith = code;
          queueMicrotask(() => socket.close(code));
        },
      };
    },
  };
}

function createFakeSocket(url: string, handlers: SocketHandlers) {
  const socket = {
    url,
    sent: [] as JsonObject[],
    closedWith: undefined as number | undefined,
    isClosed: false,
    accept: () => handlers.onOpen(),
    say: (frame: unknown) => handlers.onText(JSON.stringify(frame)),
    sayText: (text: string) => handlers.onText(text),
    close(code: number) {
      if (socket.isClosed) return;
      socket.isClosed = true;
      handlers.onClose(code, '');
    },
  };
  return socket;
}
