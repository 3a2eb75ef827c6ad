// The record of messages: what was committed here is acknowledged, shown and never taken again. spec: wire-protocol 6.9
import type { Clock } from '@puffo/base';
import type { EnvelopeId, Slug } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { Transaction } from 'kysely';
import type { Inbound } from '../mailbox/mailbox.ts';
import type { OutboxRow } from '../outbox/outbox-store.ts';
import { hasMessage, insertMessage, insertUnreadable } from './insert-message.ts';
import { rowOfMessage, rowOfSent, type StoredMessage } from './message-row.ts';
import {
  findMessage,
  listConversations,
  listMessages,
  type ListQuestion,
  listUnreadable,
  MAX_ROWS,
  type StoredUnreadable,
  type UnreadableQuestion,
} from './read-messages.ts';
import type { ClientSchema } from './schema.ts';

export interface MessageStore {
  /**
   * In one transaction; durable when it resolves, so everything of it may be acknowledged. Returns the messages that were
   * new: not those recorded before, not what is unreadable. A second message with the replay key of another is recorded as
   * unreadable, whoever asked before.
   */
  record(inbound: Inbound | readonly Inbound[]): Promise<readonly EnvelopeId[]>;
  /** What this device sent, so that it stands in its conversation. Again, when the server has numbered it. */
  recordSent(row: OutboxRow): Promise<void>;
  find(envelopeId: EnvelopeId): Promise<StoredMessage | undefined>;
  /** The last ones, oldest first, in the order of the server. */
  list(question: ListQuestion): Promise<readonly StoredMessage[]>;
  /** The last message of each conversation, the latest first. */
  listConversations(limit?: number): Promise<readonly StoredMessage[]>;
  /** What could not be believed, oldest first, to be looked at or tried again. */
  listUnreadable(question: UnreadableQuestion): Promise<readonly StoredUnreadable[]>;
}

export interface MessageStoreOptions {
  readonly database: Database<ClientSchema>;
  readonly ownSlug: Slug;
  readonly clock: Clock;
}

export function createMessageStore({ database, ownSlug, clock }: MessageStoreOptions): MessageStore {
  const { db } = database;
  return {
    async record(inbound) {
      const all = Array.isArray(inbound) ? (inbound as readonly Inbound[]) : [inbound as Inbound];
      const receivedAt = clock();
      return database.write(async (transaction) => {
        const added: EnvelopeId[] = [];
        for (const each of all) {
          if (await recordOne(transaction, each, { ownSlug, receivedAt })) added.push(each.envelopeId);
        }
        return added;
      });
    },
    recordSent: (row) =>
      database.write((transaction) => recordSent(transaction, row, { ownSlug, receivedAt: clock() })),
    find: (envelopeId) => findMessage(db, envelopeId),
    list: (question) => listMessages(db, question),
    listConversations: (limit = MAX_ROWS) => listConversations(db, limit),
    listUnreadable: (question) => listUnreadable(db, question),
  };
}

interface Reception {
  readonly ownSlug: Slug;
  readonly receivedAt: number;
}

/** Whether it is a new message. */
async function recordOne(
  transaction: Transaction<ClientSchema>,
  inbound: Inbound,
  reception: Reception,
): Promise<boolean> {
  const { envelopeId, seq } = inbound;
  if (inbound.kind === 'message') {
    if (await insertMessage(transaction, rowOfMessage(inbound.message, { seq, ...reception }))) return true;
  }
  if (await hasMessage(transaction, envelopeId)) return false;
  const senderSlug = inbound.kind === 'message' ? inbound.message.senderSlug : inbound.senderSlug;
  await insertUnreadable(transaction, {
    envelope_id: envelopeId,
    seq: seq ?? null,
    sender_slug: senderSlug ?? null,
    // A message that was not inserted and is not there has the replay key of another.
    reason: inbound.kind === 'message' ? 'replay' : inbound.reason,
    envelope: JSON.stringify(inbound.envelope),
    received_at: reception.receivedAt,
  });
  return false;
}

async function recordSent(
  transaction: Transaction<ClientSchema>,
  sent: OutboxRow,
  reception: Reception,
): Promise<void> {
  const row = rowOfSent(sent, reception);
  if ((await insertMessage(transaction, row)) || row.seq === null) return;
  await transaction
    .updateTable('messages')
    .set({ seq: row.seq, position: row.seq })
    .where('envelope_id', '=', row.envelope_id)
    .where('seq', 'is', null)
    .execute();
}
