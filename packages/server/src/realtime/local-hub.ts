// Hints for the sockets of this node. spec: wire-protocol 8.6, 10.5, 10.6
import { type DeviceId, type EnvelopeId, LIMITS, type ServerFrameInput, type Slug } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { ServerSchema } from '../db/schema.ts';
import type { Logger } from '@puffo/base';
import { deliveryText } from '../messages/delivery-text.ts';
import { findUnacked } from '../messages/pending-store.ts';
import { findPostedSeqs } from '../messages/posting-store.ts';
import type { Metrics } from '../metrics.ts';
import type { Backfill } from './backfill.ts';
import { type CommitOrder, createCommitOrder, forgetMissing, noteCommit } from './commit-order.ts';
import { acknowledge, offer, skipFetched, suspect } from './delivery-window.ts';
import type { CommittedMessage, Hub } from './hub.ts';
import type { LiveSessions } from './live-sessions.ts';
import { messageFrame } from './message-frame.ts';
import type { RecentMessages } from './recent-messages.ts';
import { isClogged, type Session } from './session.ts';
import { findBarred } from './session-store.ts';

/** An announcement that is not there so long after a later one was lost, with the process that owed it. */
const LOST_AFTER_MS = 2000;

/** Besides the hub, what keeps the sessions true when announcements get lost. */
export interface LocalHub extends Hub {
  /** A message that concerns nobody here was committed. */
  note(seq: number): void;
  /** Compares what the device's sockets wait for with the table. */
  recheck(deviceId: DeviceId): Promise<void>;
  /** Announcements were lost: every session looks at the table. */
  suspectAll(): void;
  /** Follows up numbers that no announcement came for. */
  followGaps(): Promise<void>;
  /** Ends the sessions of devices that are revoked. */
  endBarred(): Promise<void>;
}

export interface LocalHubDeps {
  readonly database: Database<ServerSchema>;
  readonly now: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly sessions: LiveSessions;
  readonly backfill: Backfill;
  readonly recent: RecentMessages;
  readonly lastSeq: number;
}

export function createLocalHub(deps: LocalHubDeps): LocalHub {
  const { database, now, sessions, backfill, recent } = deps;
  const { table } = sessions;
  const order = createCommitOrder(deps.lastSeq);

  function suspectAll(): void {
    recent.restart(order.last + 1);
    for (const session of table.all()) {
      suspect(session.window);
      backfill.request(session);
    }
  }

  function note(seq: number): boolean {
    const place = noteCommit(order, { seq, now: now() });
    if (place === 'lost') suspectAll();
    if (place === 'early') recent.restart(order.last + 1);
    return place === 'in-order';
  }

  return {
    note,
    suspectAll,
    deliver(message) {
      const isInOrder = note(message.seq);
      const deliveries = message.deliveries.filter(({ deviceId }) => table.ofDevice(deviceId).length > 0);
      if (deliveries.length === 0) return;
      const here = { ...message, deliveries };
      if (isInOrder) recent.add(here);
      deliver(here, { ...deps, isInOrder });
    },
    notify(slugs, frame) {
      notify(deps, { slugs, frame });
    },
    fetched(deviceId, throughSeq) {
      for (const session of table.ofDevice(deviceId)) {
        skipFetched(session.window, throughSeq);
        backfill.request(session);
      }
    },
    acknowledged(deviceId, envelopeIds) {
      free(deps, { deviceId, envelopeIds: new Set(envelopeIds) });
    },
    disconnect(target) {
      const found = 'deviceId' in target ? table.ofDevice(target.deviceId) : table.ofSlug(target.slug);
      for (const session of found) sessions.end(session, 'revoked');
    },
    async recheck(deviceId) {
      const envelopeIds = table
        .ofDevice(deviceId)
        .flatMap(({ window }) => window.unacked.map((sent) => sent.envelopeId));
      if (envelopeIds.length === 0) return;
      const unacked = await findUnacked(database.db, { deviceId, envelopeIds });
      free(deps, { deviceId, envelopeIds: new Set(envelopeIds.filter((id) => !unacked.has(id))) });
    },
    async followGaps() {
      if (await isAnyLost(order, { database, now })) suspectAll();
    },
    async endBarred() {
      const deviceIds = [...new Set([...table.all()].map(({ deviceId }) => deviceId))];
      for (const deviceId of await findBarred(database.db, { deviceIds, now: now() })) {
        for (const session of table.ofDevice(deviceId)) sessions.end(session, 'revoked');
      }
    },
  };
}

/** From memory where the session is up to date and has room; else it reads the table. */
function deliver(
  { envelopeId, seq, envelope, deliveries }: CommittedMessage,
  { sessions, backfill, metrics, now, isInOrder }: LocalHubDeps & { readonly isInOrder: boolean },
): void {
  const at = now();
  for (const { deviceId, entry } of deliveries) {
    let text: string | undefined;
    for (const session of sessions.table.ofDevice(deviceId)) {
      if (!offer(session.window, { envelopeId, seq, canSend: isInOrder && !isClogged(session, at) })) {
        backfill.request(session);
        continue;
      }
      text ??= messageFrame(seq, deliveryText({ envelope }, entry));
      session.movedAt = at;
      sessions.send(session, text);
      metrics.deliverySent();
    }
  }
}

function notify(
  { sessions, log }: LocalHubDeps,
  { slugs, frame }: { readonly slugs: readonly Slug[]; readonly frame: ServerFrameInput },
): void {
  const found = [...new Set(slugs)].flatMap((slug) => sessions.table.ofSlug(slug));
  if (found.length === 0) return;
  const text = JSON.stringify(frame);
  if (Buffer.byteLength(text) > LIMITS.outgoingFrameBytes) {
    // 0.7.2 would lose its connection over it; the log that it announces is read anyway. spec: wire-protocol 10.2
    log.warn('frame-too-large', { type: frame.type });
    return;
  }
  for (const session of found) if (session.state === 'open') sessions.send(session, text);
}

function free(
  { sessions, backfill, now }: LocalHubDeps,
  { deviceId, envelopeIds }: { readonly deviceId: DeviceId; readonly envelopeIds: ReadonlySet<EnvelopeId> },
): void {
  for (const session of sessions.table.ofDevice(deviceId)) freeOne(session, { envelopeIds, now });
  for (const session of sessions.table.ofDevice(deviceId)) backfill.request(session);
}

function freeOne(
  session: Session,
  { envelopeIds, now }: { readonly envelopeIds: ReadonlySet<EnvelopeId>; readonly now: () => number },
): void {
  acknowledge(session.window, envelopeIds);
  session.movedAt = now();
}

/**
 * A number without deliveries is announced by nobody, and forgotten. Commits are in the order of numbers, so what is
 * not there when a later one is, never comes.
 */
async function isAnyLost(
  order: CommitOrder,
  { database, now }: Pick<LocalHubDeps, 'database' | 'now'>,
): Promise<boolean> {
  if (order.missing.size === 0) return false;
  const missing = [...order.missing];
  const found = await findPostedSeqs(
    database.db,
    missing.map(([seq]) => seq),
  );
  const lost = missing.filter(([seq, since]) => found.has(seq) && now() - since >= LOST_AFTER_MS);
  forgetMissing(
    order,
    [...missing.filter(([seq]) => !found.has(seq)), ...lost].map(([seq]) => seq),
  );
  return lost.length > 0;
}
