// One authenticated socket of a device. There may be tens of thousands: no timers, no buffers, few objects.
import type { Duplex } from 'node:stream';
import { closeCodeOf, type CloseCodeName, type DeviceId, type EnvelopeId, type Slug } from '@puffo/protocol';
import type { WebSocket } from 'ws';
import { createDeliveryWindow, type DeliveryWindow } from './delivery-window.ts';
import { SOCKET_LIMITS } from './socket-limits.ts';

export interface Session {
  readonly sessionId: string;
  readonly deviceId: DeviceId;
  readonly slug: Slug;
  readonly socket: WebSocket;
  /** What the socket writes to. */
  readonly stream: Duplex;
  readonly window: DeliveryWindow;
  /** `joining` until `connected` was sent. */
  state: 'joining' | 'open' | 'ended';
  /** ms; when `connected` was sent. */
  openedAt: number;
  /** ms; any frame from the client. */
  heardAt: number;
  pingedAt: number;
  /** ms; when the window last moved. */
  movedAt: number;
  /** ms; since when nothing of `cloggedBytes` has drained. `undefined`: not clogged. */
  cloggedSince: number | undefined;
  cloggedBytes: number;
  /** What the client may still send in this tick. */
  allowance: number;
  malformed: number;
  /** Waiting to be written. */
  acks: EnvelopeId[];
  /** Written since those of its device were compacted. */
  looseAcks: number;
  isQueued: boolean;
  isCorked: boolean;
}

export interface NewSession {
  readonly sessionId: string;
  readonly deviceId: DeviceId;
  readonly slug: Slug;
  readonly socket: WebSocket;
  readonly stream: Duplex;
  readonly now: number;
}

export function createSession({ sessionId, deviceId, slug, socket, stream, now }: NewSession): Session {
  return {
    sessionId,
    deviceId,
    slug,
    socket,
    stream,
    window: createDeliveryWindow(),
    state: 'joining',
    openedAt: now,
    heardAt: now,
    pingedAt: now,
    movedAt: now,
    cloggedSince: undefined,
    cloggedBytes: 0,
    allowance: SOCKET_LIMITS.allowancePerTick,
    malformed: 0,
    acks: [],
    looseAcks: 0,
    isQueued: false,
    isCorked: false,
  };
}

/** Whether messages have to wait until the client has read; remembers since when. */
export function isClogged(session: Session, now: number): boolean {
  const { bufferedAmount } = session.socket;
  if (bufferedAmount <= SOCKET_LIMITS.cloggedBytes) {
    session.cloggedSince = undefined;
    return false;
  }
  if (session.cloggedSince === undefined || bufferedAmount < session.cloggedBytes) session.cloggedSince = now;
  session.cloggedBytes = bufferedAmount;
  return true;
}

/** Why a socket ends, with the text that goes along. */
export const ENDINGS = {
  late: { name: 'no-connect', reason: 'no connect frame in time' },
  noConnect: { name: 'no-connect', reason: 'the first frame is no connect frame' },
  unauthorized: { name: 'unauthorized', reason: 'not authenticated' },
  revoked: { name: 'revoked', reason: 'device revoked or identity not active' },
  superseded: { name: 'policy', reason: 'too many sockets of this device' },
  malformed: { name: 'policy', reason: 'malformed frames' },
  binary: { name: 'policy', reason: 'binary frames are not understood' },
  slow: { name: 'try-later', reason: 'frames are not read fast enough; nothing is lost' },
  silent: { name: 'silent', reason: 'nothing heard for too long' },
  restart: { name: 'restart', reason: 'the server restarts' },
  internal: { name: 'internal', reason: 'internal error' },
} as const satisfies Readonly<Record<string, { readonly name: CloseCodeName; readonly reason: string }>>;

export type Ending = keyof typeof ENDINGS;

/** A socket that is not read cannot see the answer to its close. */
export function closeSocket(socket: WebSocket, ending: Ending): void {
  const { name, reason } = ENDINGS[ending];
  if (socket.isPaused) socket.resume();
  socket.close(closeCodeOf(name), reason);
}
