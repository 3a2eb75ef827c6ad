// Sockets from their upgrade to their end. spec: wire-protocol 10.1, 10.7
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger, Random } from '@puffo/base';
import { LIMITS } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RequestGate } from '../auth/authenticate-request.ts';
import type { Settings } from '../config/settings.ts';
import type { ServerSchema } from '../db/schema.ts';
import type { Acks } from './acks.ts';
import type { Backfill } from './backfill.ts';
import { type ReceivedFrame, receiveFrame } from './client-frames.ts';
import { shakeHands } from './handshake.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { Newcomer, Newcomers } from './newcomers.ts';
import { closeSocket, type Session } from './session.ts';
import { SOCKET_LIMITS } from './socket-limits.ts';
import { addressOf, isSubscribe, NO_SUCH_ROUTE, refuseUpgrade, STOPPING, TOO_MANY_SOCKETS } from './upgrade.ts';

export interface SocketServerDeps {
  readonly settings: Settings;
  readonly database: Database<ServerSchema>;
  readonly now: () => number;
  readonly random: Random;
  readonly log: Logger;
  readonly newcomers: Newcomers;
  readonly sessions: LiveSessions;
  readonly backfill: Backfill;
  readonly acks: Acks;
}

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface Welcome {
  readonly stream: Duplex;
  readonly address: string;
  readonly gate: RequestGate;
}

export interface SocketServer {
  accept(upgrade: Upgrade, gate: RequestGate): void;
  /** Resolves when all are closed; no new ones come in. */
  end(): Promise<void>;
}

export function createSocketServer(deps: SocketServerDeps): SocketServer {
  const { settings, newcomers, sessions } = deps;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.incomingFrameBytes,
  });
  const handshakes = new Set<Promise<void>>();
  const open = new Set<WebSocket>();
  let isEnding = false;

  function accept({ request, socket, head }: Upgrade, gate: RequestGate): void {
    const address = addressOf(request, settings);
    if (!isSubscribe(request)) return refuseUpgrade(socket, NO_SUCH_ROUTE);
    if (isEnding) return refuseUpgrade(socket, STOPPING);
    if (!newcomers.hasRoom(address) || open.size >= SOCKET_LIMITS.sockets)
      return refuseUpgrade(socket, TOO_MANY_SOCKETS);
    server.handleUpgrade(request, socket, head, (websocket) => welcome(websocket, { stream: socket, address, gate }));
  }

  function welcome(socket: WebSocket, { stream, address, gate }: Welcome): void {
    open.add(socket);
    const newcomer: Newcomer = { socket, address, deadline: deps.now() + LIMITS.connectFrameMs, isVerifying: false };
    newcomers.add(newcomer);
    let session: Session | undefined;
    // The one that follows is `close`.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      newcomers.remove(newcomer);
      if (session !== undefined) sessions.leave(session);
    });
    socket.on('message', (data, isBinary) => {
      const frame = { data: data as Buffer, isBinary };
      if (session !== undefined) receiveFrame(session, frame, deps);
      // Nothing is due from the client before it has read `connected`.
      else if (!newcomer.isVerifying) connect(frame);
    });

    function connect(frame: ReceivedFrame): void {
      newcomer.isVerifying = true;
      const handshake = shakeHands({ socket, stream, ...frame }, { ...deps, gate, onSession: keep }).finally(() => {
        newcomers.remove(newcomer);
        handshakes.delete(handshake);
      });
      handshakes.add(handshake);
    }

    function keep(made: Session): void {
      session = made;
      socket.on('ping', () => hear(made));
      socket.on('pong', () => hear(made));
    }
  }

  function hear(session: Session): void {
    session.heardAt = deps.now();
  }

  return {
    accept,
    async end() {
      isEnding = true;
      for (const socket of open) closeSocket(socket, 'restart');
      await Promise.all(handshakes);
      await allClosed(open);
    },
  };
}

/** Whoever does not answer in time is cut off. */
async function allClosed(open: ReadonlySet<WebSocket>): Promise<void> {
  const closed = [...open].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
  const timer = setTimeout(() => {
    for (const socket of open) socket.terminate();
  }, SOCKET_LIMITS.goodbyeMs);
  await Promise.all(closed);
  clearTimeout(timer);
}
