// What came in, kept before it is acknowledged. spec: daemon-and-cli D-3, D-5
import type { JsonObject } from '@puffo/base';
import type { MailboxStore } from '@puffo/client';
import type { EnvelopeId } from '@puffo/protocol';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { AgentSchema } from './agent-schema.ts';
import { type Arrival, rowOfArrival } from './inbox-row.ts';

/** What could not be opened or believed: never shown to the model, and acknowledged all the same. */
export interface UnreadableArrival {
  readonly envelopeId: EnvelopeId;
  /** Claimed, not proven. */
  readonly senderSlug: string | undefined;
  readonly reason: string;
  readonly envelope: JsonObject;
}

/** Of one transaction: the ids that were new. */
export async function recordArrivals(
  transaction: Transaction<AgentSchema>,
  arrivals: readonly Arrival[],
  now: number,
): Promise<readonly EnvelopeId[]> {
  const added: EnvelopeId[] = [];
  for (const arrival of arrivals) {
    const { envelopeId } = arrival.message;
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('inbox')
      .values(rowOfArrival(arrival, now))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) added.push(envelopeId);
    else await recordIfReplayed(transaction, arrival, now);
  }
  return added;
}

/** A message that is not there under its id, and could not be added, has the replay key of another. */
async function recordIfReplayed(
  transaction: Transaction<AgentSchema>,
  { message }: Arrival,
  now: number,
): Promise<void> {
  const { envelopeId, senderSlug } = message;
  const known = await transaction
    .selectFrom('inbox')
    .select('id')
    .where('envelope_id', '=', envelopeId)
    .executeTakeFirst();
  if (known !== undefined) return;
  await recordUnreadable(transaction, [{ envelopeId, senderSlug, reason: 'replay', envelope: {} }], now);
}

/** Nothing happens to those that are there already. */
export async function recordUnreadable(
  transaction: Transaction<AgentSchema>,
  arrivals: readonly UnreadableArrival[],
  now: number,
): Promise<void> {
  for (const { envelopeId, senderSlug, reason, envelope } of arrivals) {
    await transaction
      .insertInto('unreadable')
      .values({
        envelope_id: envelopeId,
        sender_slug: senderSlug ?? null,
        reason,
        envelope: JSON.stringify(envelope),
        received_at: now,
      })
      .onConflict((conflict) => conflict.column('envelope_id').doNothing())
      .execute();
  }
}

export function createAgentMailboxStore(db: Kysely<AgentSchema>): MailboxStore {
  return {
    async findKnown(envelopeIds) {
      if (envelopeIds.length === 0) return new Set();
      // However many ids there are, it is one query of one text.
      const ids = sql<string>`(select value from json_each(${JSON.stringify(envelopeIds)}))`;
      const rows = await db
        .selectFrom('inbox')
        .where('envelope_id', 'in', ids)
        .select('envelope_id')
        .unionAll(db.selectFrom('unreadable').where('envelope_id', 'in', ids).select('envelope_id'))
        .execute();
      return new Set(rows.map((row) => row.envelope_id as EnvelopeId));
    },
    async hasReplayKey(replayKey) {
      const row = await db.selectFrom('inbox').select('id').where('replay_key', '=', replayKey).executeTakeFirst();
      return row !== undefined;
    },
  };
}
