// Sends to sessions that are behind what is pending for them: from memory where that reaches back far enough, else from the
// table, a few at a time. spec: wire-protocol 10.6
import type { Database } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import type { Logger } from '@puffo/base';
import type { Metrics } from '../metrics.ts';
import { deliveryText } from '../messages/delivery-text.ts';
import { readPending } from '../messages/pending-store.ts';
import { beginRead, endRead, failRead, isReadable } from './delivery-window.ts';
import type { LiveSessions } from './live-sessions.ts';
import { messageFrame } from './message-frame.ts';
import type { RecentMessages } from './recent-messages.ts';
import { isClogged, type Session } from './session.ts';

/** Fewer than a pool has connections: after a restart everybody is behind at once. */
const READERS = 4;

export interface Backfill {
  /** Call whenever a session may have become behind, or got room. Cheap when there is nothing to do. */
  request(session: Session): void;
  /** Resolves when no read runs; further requests are passed over. */
  stop(): Promise<void>;
}

export interface BackfillDeps {
  readonly database: Database<ServerSchema>;
  readonly now: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly sessions: LiveSessions;
  readonly recent: RecentMessages;
}

export function createBackfill(deps: BackfillDeps): Backfill {
  const queue: Session[] = [];
  const readers = new Set<Promise<void>>();
  let isStopped = false;

  async function work(): Promise<void> {
    // One read each in turn: a long backlog does not hold up the others.
    for (let session = queue.shift(); session !== undefined && !isStopped; session = queue.shift()) {
      session.isQueued = false;
      await readOnce(session, deps);
      request(session);
    }
  }

  function request(session: Session): void {
    if (isStopped || session.isQueued) return;
    while (sendRecent(session, deps)) continue;
    if (!isReady(session, deps.now)) return;
    session.isQueued = true;
    queue.push(session);
    if (readers.size >= READERS) return;
    const reader = work().finally(() => readers.delete(reader));
    readers.add(reader);
  }

  return {
    request,
    async stop() {
      isStopped = true;
      await Promise.all(readers);
    },
  };
}

function isReady(session: Session, now: () => number): boolean {
  return session.state === 'open' && isReadable(session.window) && !isClogged(session, now());
}

/** Whether it was enough to try again; a message goes out whole, so nothing comes between. */
function sendRecent(session: Session, deps: BackfillDeps): boolean {
  const { now, recent } = deps;
  if (!session.window.hasCaughtUp || !isReady(session, now)) return false;
  const request = beginRead(session.window);
  if (request === undefined) return false;
  const found = recent.find(session.deviceId, request);
  if (found === undefined) {
    failRead(session.window, request);
    return false;
  }
  const rows = found.map(({ message: { seq, envelopeId } }) => ({ seq, envelopeId }));
  endRead(session.window, { rows, limit: request.limit });
  for (const { message, entry } of found) {
    sendOne(session, messageFrame(message.seq, deliveryText(message, entry)), deps);
  }
  if (rows.length > 0) session.movedAt = now();
  return true;
}

function sendOne(session: Session, text: string, { sessions, metrics }: BackfillDeps): void {
  if (session.state !== 'open') return;
  sessions.send(session, text);
  metrics.deliverySent();
}

async function readOnce(session: Session, deps: BackfillDeps): Promise<void> {
  const { database, now, log, sessions } = deps;
  if (!isReady(session, now)) return;
  const request = beginRead(session.window);
  if (request === undefined) return;
  try {
    const rows = await readPending(database.db, { ...request, deviceId: session.deviceId });
    endRead(session.window, { rows, limit: request.limit });
    for (const row of rows) sendOne(session, messageFrame(row.seq, deliveryText(row, row.entry)), deps);
    if (rows.length > 0) session.movedAt = now();
  } catch (error) {
    // The database is away: clients come back with pauses, and find everything in the table.
    failRead(session.window, request);
    log.error('backfill-failed', { problem: error instanceof Error ? error.message : 'unknown' });
    sessions.end(session, 'internal');
  }
}
