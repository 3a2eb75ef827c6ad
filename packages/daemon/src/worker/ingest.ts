// What comes in: into the history, into the inbox, then acknowledged; in this order, so that a crash in between loses nothing and
// doubles nothing. spec: daemon-and-cli 3.6, D-3, D-5
import { admit } from '@puffo/agent';
import type { AgentConfig } from '@puffo/agent/config';
import type { Clock, Logger } from '@puffo/base';
import type { Inbound, Mailbox } from '@puffo/client';
import type { AgentStore } from '../store/agent-store.ts';
import type { HistoryStore } from '../store/history-store.ts';
import type { Arrival } from '../store/inbox-row.ts';
import { batchesOf } from './batches.ts';
import { attachmentsOf, toHistoryMessage, toInboxMessage } from './inbound-message.ts';
import type { InviteKeeper } from './invites.ts';
import type { Approvals } from '../approvals/create-approvals.ts';
import type { OwnIdentity } from './own-identity.ts';

const MAX_BATCH = 64;

export interface IngestParts {
  readonly own: OwnIdentity;
  readonly store: AgentStore;
  readonly history: HistoryStore;
  readonly invites: Pick<InviteKeeper, 'interceptAnswer'>;
  readonly approvals: Pick<Approvals, 'interceptAnswer'>;
  readonly config: () => AgentConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something new was recorded. */
  readonly onArrival: () => void;
}

type Readable = Extract<Inbound, { kind: 'message' }>;

/** Ends with the mailbox. */
export async function ingest(mailbox: Mailbox, parts: IngestParts): Promise<void> {
  for await (const batch of batchesOf(mailbox.inbound, MAX_BATCH)) {
    await recordUnreadable(batch, parts);
    await recordReadable(
      batch.filter((inbound): inbound is Readable => inbound.kind === 'message'),
      parts,
    );
    mailbox.acknowledge(batch.map(({ envelopeId }) => envelopeId));
  }
}

async function recordReadable(batch: readonly Readable[], parts: IngestParts): Promise<void> {
  if (batch.length === 0) return;
  const { history, store, logger, onArrival } = parts;
  await history.add(batch.map(({ message }) => toHistoryMessage(message)));
  const arrivals: Arrival[] = [];
  for (const inbound of batch) arrivals.push(await judge(inbound, parts));
  const added = new Set(await store.record(arrivals));
  for (const { message, admission } of arrivals) {
    if (!added.has(message.envelopeId)) continue;
    logger.info('message-received', { messageId: message.envelopeId, admission: admission.kind });
  }
  if (added.size > 0) onArrival();
}

async function judge(inbound: Readable, parts: IngestParts): Promise<Arrival> {
  const { own, config, clock, invites, approvals } = parts;
  const message = toInboxMessage(inbound, own);
  const facts = { ownSlug: own.slug, triggers: config().triggers, now: clock() };
  const attachments = attachmentsOf(inbound.message);
  // An answer to a question of the daemon is no message for the model. spec: wire-protocol 12.5
  const isConsumed =
    attachments.length === 0 &&
    ((await invites.interceptAnswer(message)) || (await approvals.interceptAnswer(message)));
  return {
    message,
    attachments,
    replayKey: inbound.message.replayKey,
    admission: isConsumed ? { kind: 'stored', why: 'consumed' } : admit(message, facts),
  };
}

async function recordUnreadable(batch: readonly Inbound[], { store, logger }: IngestParts): Promise<void> {
  const unreadable = batch.filter((inbound) => inbound.kind === 'unreadable');
  if (unreadable.length === 0) return;
  await store.recordUnreadable(unreadable);
  for (const { envelopeId, reason } of unreadable) logger.warn('message-unreadable', { messageId: envelopeId, reason });
}
