// Registers sessions, writes to them and ends them.
import type { Metrics } from '../metrics.ts';
import { closeSocket, type Ending, isClogged, type Session } from './session.ts';
import { createSessionTable, type SessionTable } from './session-table.ts';
import { SOCKET_LIMITS } from './socket-limits.ts';

export interface LiveSessions {
  readonly table: SessionTable;
  /** The oldest of the device give way when there are too many. */
  add(session: Session): void;
  /** Nothing is sent to it any more. May be called again. */
  end(session: Session, ending: Ending): void;
  /** Its socket is closed. */
  leave(session: Session): void;
  send(session: Session, text: string): void;
}

export interface LiveSessionsDeps {
  readonly now: () => number;
  readonly metrics: Metrics;
}

export function createLiveSessions({ now, metrics }: LiveSessionsDeps): LiveSessions {
  const table = createSessionTable();

  function leave(session: Session): void {
    session.state = 'ended';
    if (table.remove(session)) metrics.socketsOpen(-1);
  }

  function end(session: Session, ending: Ending): void {
    if (session.state === 'ended') return;
    leave(session);
    closeSocket(session.socket, ending);
  }

  return {
    table,
    leave,
    end,
    add(session) {
      const others = table.ofDevice(session.deviceId);
      for (const oldest of others.slice(0, Math.max(0, others.length + 1 - SOCKET_LIMITS.socketsPerDevice))) {
        end(oldest, 'superseded');
      }
      table.add(session);
      metrics.socketsOpen(1);
    },
    send(session, text) {
      if (session.socket.bufferedAmount > SOCKET_LIMITS.bufferedBytes) {
        end(session, 'slow');
        return;
      }
      holdTogether(session);
      session.socket.send(text);
      if (session.socket.bufferedAmount > SOCKET_LIMITS.cloggedBytes) isClogged(session, now());
    },
  };
}

/** What is sent to a socket in one turn of the event loop goes to the system in one call. */
function holdTogether(session: Session): void {
  if (session.isCorked) return;
  session.isCorked = true;
  session.stream.cork();
  process.nextTick(letGo, session);
}

function letGo(session: Session): void {
  session.isCorked = false;
  session.stream.uncork();
}
