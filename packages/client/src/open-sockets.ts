// The sockets of one platform, so that closing it closes them and waits until each of them has said so.
import { ClientError } from './client-error.ts';
import type { Socket, SocketHandlers } from './platform.ts';

export interface OpenSockets<Kind extends Socket> {
  add(handlers: SocketHandlers, start: (handlers: SocketHandlers) => Kind): Kind;
  /** `end` makes `onClose` of its socket follow soon. No socket can be added any more. */
  closeAll(end: (socket: Kind) => void): Promise<void>;
}

export function createOpenSockets<Kind extends Socket>(): OpenSockets<Kind> {
  const open = new Map<Kind, Promise<void>>();
  let isClosed = false;
  return {
    add(handlers, start) {
      if (isClosed) throw new ClientError('Cannot open socket: the client is closed', { code: 'closed' });
      let finish: (() => void) | undefined;
      const ended = new Promise<void>((resolve) => {
        finish = resolve;
      });
      function onClose(code: number, reason: string): void {
        open.delete(socket);
        finish?.();
        handlers.onClose(code, reason);
      }
      const socket = start({ ...handlers, onClose });
      open.set(socket, ended);
      return socket;
    },
    async closeAll(end) {
      isClosed = true;
      const all = [...open];
      for (const [socket] of all) end(socket);
      await Promise.all(all.map(([, ended]) => ended));
    },
  };
}
