// Acknowledgements from sockets, written one batch after the other per session. spec: wire-protocol 9.24, 10.6
import type { EnvelopeId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import type { Logger } from '../log.ts';
import { ackDeliveries } from '../messages/ack.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { LocalHub } from './local-hub.ts';
import type { Session } from './session.ts';

export interface Acks {
  add(session: Session, envelopeIds: readonly EnvelopeId[]): void;
  /** Resolves when everything that came is written. */
  settle(): Promise<void>;
}

export interface AcksDeps {
  readonly database: Database<ServerSchema>;
  readonly log: Logger;
  readonly sessions: LiveSessions;
  readonly local: LocalHub;
}

export function createAcks(deps: AcksDeps): Acks {
  const running = new Set<Promise<void>>();

  return {
    add(session, envelopeIds) {
      for (const envelopeId of envelopeIds) session.acks.push(envelopeId);
      if (session.isAcking || session.acks.length === 0) return;
      const writing = write(session, deps).finally(() => running.delete(writing));
      running.add(writing);
    },
    async settle() {
      await Promise.all(running);
    },
  };
}

async function write(session: Session, { database, log, sessions, local }: AcksDeps): Promise<void> {
  session.isAcking = true;
  try {
    while (session.acks.length > 0) {
      const envelopeIds = session.acks;
      session.acks = [];
      await ackDeliveries({ database }, session.deviceId, envelopeIds);
      local.acknowledged(session.deviceId, envelopeIds);
    }
  } catch (error) {
    session.acks = [];
    log.error('ack-failed', { problem: error instanceof Error ? error.message : 'unknown' });
    sessions.end(session, 'internal');
  } finally {
    session.isAcking = false;
  }
}
