// Sockets that have not proven who they are: few, and not for long. spec: wire-protocol 10.1
import type { WebSocket } from 'ws';
import { SOCKET_LIMITS } from './socket-limits.ts';

export interface Newcomer {
  readonly socket: WebSocket;
  readonly address: string;
  /** ms; until when the connect frame has to be there. */
  readonly deadline: number;
  isVerifying: boolean;
}

export interface Newcomers {
  hasRoom(address: string): boolean;
  add(newcomer: Newcomer): void;
  /** May be called again. */
  remove(newcomer: Newcomer): void;
  all(): IterableIterator<Newcomer>;
}

export function createNewcomers(): Newcomers {
  const newcomers = new Set<Newcomer>();
  const counts = new Map<string, number>();

  return {
    hasRoom: (address) =>
      newcomers.size < SOCKET_LIMITS.newcomers && (counts.get(address) ?? 0) < SOCKET_LIMITS.newcomersPerAddress,
    add(newcomer) {
      newcomers.add(newcomer);
      counts.set(newcomer.address, (counts.get(newcomer.address) ?? 0) + 1);
    },
    remove(newcomer) {
      if (!newcomers.delete(newcomer)) return;
      const rest = (counts.get(newcomer.address) ?? 0) - 1;
      if (rest > 0) counts.set(newcomer.address, rest);
      else counts.delete(newcomer.address);
    },
    all: () => newcomers.values(),
  };
}
