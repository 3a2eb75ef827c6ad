// One timer for all sockets: what is due is found by walking them once a second. spec: wire-protocol 10.3, 10.6
import type { Logger } from '@puffo/base';
import type { Backfill } from './backfill.ts';
import { grantAllowance } from './client-frames.ts';
import { endWaiting, hasRoom } from './delivery-window.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { LocalHub } from './local-hub.ts';
import type { Newcomers } from './newcomers.ts';
import { closeSocket, isClogged, type Session } from './session.ts';
import { SOCKET_LIMITS } from './socket-limits.ts';

const PING_FRAME = '{"type":"ping"}';

export interface WheelDeps {
  readonly now: () => number;
  readonly log: Logger;
  readonly newcomers: Newcomers;
  readonly sessions: LiveSessions;
  readonly backfill: Backfill;
  readonly local: LocalHub;
}

export function startWheel(deps: WheelDeps): AsyncDisposable {
  let ticks = 0;
  let working: Promise<void> | undefined;
  const timer = setInterval(() => {
    ticks += 1;
    closeLateNewcomers(deps);
    const stale = lookAfterSessions(deps);
    // A slow database gets no second round on top of the first.
    working ??= compareWithTables(deps, { stale, isSweep: ticks % SOCKET_LIMITS.revocationTicks === 0 }).finally(() => {
      working = undefined;
    });
  }, SOCKET_LIMITS.tickMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await working;
    },
  };
}

function closeLateNewcomers({ now, newcomers }: WheelDeps): void {
  const at = now();
  for (const { socket, deadline, isVerifying } of newcomers.all()) {
    if (!isVerifying && at >= deadline) closeSocket(socket, 'late');
  }
}

/** Returns those whose window should be compared with the table. */
function lookAfterSessions({ now, sessions, backfill }: WheelDeps): readonly Session[] {
  const at = now();
  const stale: Session[] = [];
  for (const session of sessions.table.all()) {
    if (session.state !== 'open') continue;
    grantAllowance(session);
    if (at - session.heardAt >= SOCKET_LIMITS.silenceMs) sessions.end(session, 'silent');
    else if (isStuck(session, at)) sessions.end(session, 'slow');
    else lookAfter(session, { at, sessions });
    if (at - session.openedAt >= SOCKET_LIMITS.fetchMs) endWaiting(session.window);
    backfill.request(session);
    if (!hasRoom(session.window) && at - session.movedAt >= SOCKET_LIMITS.recheckMs) stale.push(session);
  }
  return stale;
}

function isStuck(session: Session, at: number): boolean {
  if (session.cloggedSince === undefined || !isClogged(session, at)) return false;
  return at - session.cloggedSince >= SOCKET_LIMITS.cloggedMs;
}

/** Both kinds of ping: one for libraries, one for clients. */
function lookAfter(session: Session, { at, sessions }: { readonly at: number; readonly sessions: LiveSessions }): void {
  if (at - session.pingedAt < SOCKET_LIMITS.pingMs) return;
  session.pingedAt = at;
  session.socket.ping();
  sessions.send(session, PING_FRAME);
}

async function compareWithTables(
  { local, log, now }: WheelDeps,
  { stale, isSweep }: { readonly stale: readonly Session[]; readonly isSweep: boolean },
): Promise<void> {
  try {
    await local.followGaps();
    for (const session of stale) {
      session.movedAt = now();
      await local.recheck(session.deviceId);
    }
    if (isSweep) await local.endBarred();
  } catch (error) {
    log.warn('socket-check-failed', { problem: error instanceof Error ? error.message : 'unknown' });
  }
}
