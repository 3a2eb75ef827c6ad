// What a connected client sends: acknowledgements and signs of life. spec: wire-protocol 10.3, 10.5
import { type ClientFrame, decodeClientFrame, decodeJson, LIMITS, ProtocolError } from '@puffo/protocol';
import type { Acks } from './acks.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { Session } from './session.ts';
import { SOCKET_LIMITS } from './socket-limits.ts';

export interface ClientFramesDeps {
  readonly now: () => number;
  readonly sessions: LiveSessions;
  readonly acks: Acks;
}

export interface ReceivedFrame {
  readonly data: Uint8Array;
  readonly isBinary: boolean;
}

export function receiveFrame(session: Session, { data, isBinary }: ReceivedFrame, deps: ClientFramesDeps): void {
  if (session.state !== 'open') return;
  session.heardAt = deps.now();
  session.allowance -= 1 + Math.floor(data.length / SOCKET_LIMITS.bytesPerAllowance);
  if (isBinary) deps.sessions.end(session, 'binary');
  else handle(session, safeDecode(data), deps);
  holdIfBusy(session);
}

function handle(session: Session, frame: ClientFrame | undefined, { sessions, acks }: ClientFramesDeps): void {
  switch (frame?.type) {
    case 'ack':
      acks.add(session, frame.envelope_ids);
      return;
    // Newer clients may send what this server does not know. spec: wire-protocol 10.5
    case 'pong':
    case 'unknown':
      return;
    case 'connect':
    case undefined:
      session.malformed += 1;
      if (session.malformed >= SOCKET_LIMITS.malformedFrames) sessions.end(session, 'malformed');
  }
}

function safeDecode(data: Uint8Array): ClientFrame | undefined {
  try {
    return decodeClientFrame(decodeJson(data, { what: 'frame', maxLength: LIMITS.incomingFrameBytes }));
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** A client that sends faster than its frames are handled is not read for a while. */
function holdIfBusy(session: Session): void {
  if (session.state === 'open' && isBusy(session) && !session.socket.isPaused) session.socket.pause();
}

/** Call once per tick. */
export function grantAllowance(session: Session): void {
  session.allowance = Math.min(session.allowance + SOCKET_LIMITS.allowancePerTick, SOCKET_LIMITS.allowancePerTick);
  if (session.socket.isPaused && !isBusy(session)) session.socket.resume();
}

function isBusy(session: Session): boolean {
  return session.allowance < 0 || session.acks.length > SOCKET_LIMITS.waitingAcks;
}
