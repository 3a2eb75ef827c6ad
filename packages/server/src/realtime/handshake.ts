// From a connect frame to a session that is registered and told so. spec: wire-protocol 10.1
import type { Duplex } from 'node:stream';
import { encodeBase64url, type Logger, type Random } from '@puffo/base';
import { type AuthVerdict, decodeJson, ProtocolError, verifyConnectFrame } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { WebSocket } from 'ws';
import type { RequestGate } from '../auth/authenticate-request.ts';
import type { ServerSchema } from '../db/schema.ts';
import { compactLooseAcks } from '../messages/ack.ts';
import { hasPending } from '../messages/pending-store.ts';
import { endJoining } from './delivery-window.ts';
import type { Backfill } from './backfill.ts';
import type { LiveSessions } from './live-sessions.ts';
import { closeSocket, createSession, type Ending, type Session } from './session.ts';
import { findBarred } from './session-store.ts';
import { SOCKET_LIMITS } from './socket-limits.ts';

const SESSION_ID_BYTES = 16;

export interface HandshakeDeps {
  readonly gate: RequestGate;
  readonly database: Database<ServerSchema>;
  readonly random: Random;
  readonly log: Logger;
  readonly sessions: LiveSessions;
  readonly backfill: Backfill;
  /** Called as soon as there is a session: who closes the socket ends it. */
  readonly onSession: (session: Session) => void;
}

export interface FirstFrame {
  readonly socket: WebSocket;
  readonly stream: Duplex;
  readonly data: Uint8Array;
  readonly isBinary: boolean;
}

/** The session is open or the socket is closed when it resolves. */
export async function shakeHands(first: FirstFrame, deps: HandshakeDeps): Promise<void> {
  const { socket, stream } = first;
  const frame = readFirst(first);
  if (frame === undefined) return refuse(socket, 'noConnect');
  const { gate, log } = deps;
  try {
    const verdict = await verifyConnectFrame(frame, { ...gate, now: gate.now() });
    if (verdict.kind === 'refused') {
      log.info('socket-refused', { reason: verdict.reason });
      return refuse(socket, endingOf(verdict), verdict.reason === 'clock_skew' ? gate.now() : undefined);
    }
    await join({ socket, stream }, verdict, deps);
  } catch (error) {
    log.error('handshake-failed', { problem: error instanceof Error ? error.message : 'unknown' });
    refuse(socket, 'internal');
  }
}

/**
 * Registered first: what is committed from here on is announced to the session. Then a look at the table: what is there
 * already, the client fetches over HTTP after `connected`. So nothing falls between.
 */
async function join(
  { socket, stream }: Pick<FirstFrame, 'socket' | 'stream'>,
  { signer }: Extract<AuthVerdict, { kind: 'accepted' }>,
  { gate, database, random, sessions, backfill, onSession }: HandshakeDeps,
): Promise<void> {
  if (socket.readyState !== socket.OPEN) return;
  const { deviceId, slug } = signer;
  const sessionId = encodeBase64url(random.bytes(SESSION_ID_BYTES));
  const session = createSession({ sessionId, deviceId, slug, socket, stream, now: gate.now() });
  onSession(session);
  sessions.add(session);
  try {
    // Revoked between the check and the registration: nobody would end the session.
    const [barred, isPending] = await Promise.all([
      findBarred(database.db, { deviceIds: [deviceId], now: gate.now() }),
      hasPending(database.db, deviceId),
      compactLooseAcks({ database }, deviceId),
    ]);
    if (barred.length > 0) sessions.end(session, 'revoked');
    if (!isJoining(session)) return;
    session.openedAt = gate.now();
    session.heardAt = session.openedAt;
    session.pingedAt = session.openedAt;
    session.state = 'open';
    sessions.send(session, JSON.stringify({ type: 'connected', session_id: sessionId }));
    endJoining(session.window, { hasPending: isPending });
    backfill.request(session);
  } catch (error) {
    sessions.end(session, 'internal');
    throw error;
  }
}

/** It may have been closed, or ended by others, while the table was asked. */
function isJoining({ state, socket }: Session): boolean {
  return state === 'joining' && socket.readyState === socket.OPEN;
}

function readFirst({ data, isBinary }: FirstFrame): unknown {
  if (isBinary || data.length > SOCKET_LIMITS.connectFrameBytes) return undefined;
  try {
    const frame = decodeJson(data, { what: 'connect frame', maxLength: SOCKET_LIMITS.connectFrameBytes });
    return typeof frame === 'object' && frame !== null && 'type' in frame && frame['type'] === 'connect'
      ? frame
      : undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function endingOf({ reason }: Extract<AuthVerdict, { kind: 'refused' }>): Ending {
  return reason === 'device_revoked' || reason === 'identity_inactive' ? 'revoked' : 'unauthorized';
}

/** Says no more than HTTP does, and helps a clock that is wrong. spec: wire-protocol 5.6, 10.5 */
function refuse(socket: WebSocket, ending: Ending, clock?: number): void {
  const message =
    clock === undefined
      ? 'The connect frame is not signed by a known, valid key'
      : `The connect frame is not signed at a valid time: the server's clock says ${clock}`;
  if (ending === 'unauthorized' || ending === 'revoked') {
    socket.send(JSON.stringify({ type: 'error', error: 'UNAUTHORIZED', message }));
  }
  closeSocket(socket, ending);
}
