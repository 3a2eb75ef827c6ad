// Acknowledgements from sockets. One writer for all of them: what comes within a few milliseconds, or while others are
// written, is written together. spec: wire-protocol 9.24, 10.6
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnvelopeId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import type { Logger } from '@puffo/base';
import { ackDeliveries, ackSent } from '../messages/ack.ts';
import type { AckRow } from '../messages/ack-store.ts';
import { findSent } from './delivery-window.ts';
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

/** A client that is sent ten messages answers each: they fit one batch. */
const COLLECT_MS = 5;
/** Few enough that other queries have their turn soon. */
const SESSIONS_PER_BATCH = 100;
/** Compacting costs as much as writing dozens, and reading passes over what is not compacted. */
const COMPACT_EVERY = 100;

export function createAcks(deps: AcksDeps): Acks {
  const waiting = new Set<Session>();
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      await sleep(COLLECT_MS);
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

interface SessionAcks {
  readonly session: Session;
  readonly envelopeIds: readonly EnvelopeId[];
  /** Those of them that the session was sent. */
  readonly sent: readonly AckRow[];
  /** The others: sent by an earlier session, or over HTTP, or never. */
  readonly others: readonly EnvelopeId[];
}

/** Never throws: sessions whose acknowledgements cannot be written are ended, and find their messages pending. */
async function writeBatch(sessions: readonly Session[], deps: AcksDeps): Promise<void> {
  const batch = sessions.map(takeAcks);
  try {
    await ackSent(deps, {
      acks: batch.flatMap(({ sent }) => sent),
      compact: sessions.filter(({ looseAcks }) => looseAcks >= COMPACT_EVERY).map(({ deviceId }) => deviceId),
    });
    for (const { session, others } of batch) {
      if (session.looseAcks >= COMPACT_EVERY) session.looseAcks = 0;
      await ackDeliveries(deps, session.deviceId, others);
    }
    for (const { session, envelopeIds } of batch) deps.local.acknowledged(session.deviceId, envelopeIds);
  } catch (error) {
    deps.log.error('ack-failed', { problem: error instanceof Error ? error.message : 'unknown' });
    for (const session of sessions) deps.sessions.end(session, 'internal');
  }
}

function takeAcks(session: Session): SessionAcks {
  const envelopeIds = session.acks;
  session.acks = [];
  const sent: AckRow[] = [];
  const others: EnvelopeId[] = [];
  for (const envelopeId of envelopeIds) {
    const seq = findSent(session.window, envelopeId);
    if (seq === undefined) others.push(envelopeId);
    else sent.push({ deviceId: session.deviceId, seq });
  }
  session.looseAcks += sent.length;
  return { session, envelopeIds, sent, others };
}
