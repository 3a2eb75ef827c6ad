// Acknowledgements from sockets. One writer for all of them: what comes while a batch is written goes into the next.
// spec: wire-protocol 9.24, 10.6
import type { EnvelopeId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import type { Logger } from '../log.ts';
import { ackTogether } from '../messages/ack.ts';
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

/** Few enough that other queries have their turn soon. */
const SESSIONS_PER_BATCH = 32;

export function createAcks(deps: AcksDeps): Acks {
  const waiting = new Set<Session>();
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, SESSIONS_PER_BATCH);
      for (const session of batch) waiting.delete(session);
      await writeBatch(batch, deps);
    }
    writing = undefined;
  }

  return {
    add(session, envelopeIds) {
      for (const envelopeId of envelopeIds) session.acks.push(envelopeId);
      if (session.acks.length === 0) return;
      waiting.add(session);
      writing ??= writeAll();
    },
    async settle() {
      await writing;
    },
  };
}

/** Never throws: sessions whose acknowledgements cannot be written are ended, and find their messages pending. */
async function writeBatch(sessions: readonly Session[], deps: AcksDeps): Promise<void> {
  const batch = sessions.map((session) => ({ session, deviceId: session.deviceId, envelopeIds: session.acks }));
  for (const session of sessions) session.acks = [];
  try {
    await ackTogether(deps, batch);
    for (const { deviceId, envelopeIds } of batch) deps.local.acknowledged(deviceId, envelopeIds);
  } catch (error) {
    deps.log.error('ack-failed', { problem: error instanceof Error ? error.message : 'unknown' });
    for (const session of sessions) deps.sessions.end(session, 'internal');
  }
}
