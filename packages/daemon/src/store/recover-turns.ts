// After a process ended in the middle of turns: nobody is answered twice, and nobody is forgotten. spec: daemon-and-cli D-3,
// statement 80
import type { OutgoingContent } from '@puffo/client';
import type { Transaction } from 'kysely';
import type { AgentSchema } from './agent-schema.ts';
import { entryOfRow, type InboxEntry } from './inbox-row.ts';
import { hasReply, insertReply, noticeKey } from './replies.ts';
import { endTurn, markAnswered } from './turns.ts';

export interface Recovery {
  /** Turns that had said something: their messages are answered. */
  readonly settled: number;
  /** Messages that wait again. */
  readonly waiting: number;
  /** Messages that were part of too many failed turns. */
  readonly failed: number;
}

export interface RecoverOptions {
  /** Turns that a message may be part of, all in all. */
  readonly maxAttempts: number;
  /** What is said about a message that is given up; `undefined`: nothing. */
  readonly noticeOf: (message: InboxEntry) => OutgoingContent | undefined;
  readonly now: number;
}

export async function recoverTurns(transaction: Transaction<AgentSchema>, options: RecoverOptions): Promise<Recovery> {
  const { now } = options;
  const turns = await transaction.selectFrom('turns').select('turn_id').where('state', '=', 'running').execute();
  let settled = 0;
  let waiting = 0;
  let failed = 0;
  for (const { turn_id: turnId } of turns) {
    if (await hasReply(transaction, turnId)) {
      settled++;
      await markAnswered(transaction, turnId, now);
      await endTurn(transaction, { turnId, state: 'done', outcome: 'answered', report: {}, now });
      continue;
    }
    failed += await giveUp(transaction, turnId, options);
    waiting += await putBack(transaction, turnId, now);
    await endTurn(transaction, { turnId, state: 'failed', outcome: 'crashed', report: {}, now });
  }
  return { settled, waiting, failed };
}

async function giveUp(
  transaction: Transaction<AgentSchema>,
  turnId: string,
  { maxAttempts, noticeOf, now }: RecoverOptions,
): Promise<number> {
  const rows = await transaction
    .updateTable('inbox')
    .set(({ eb }) => ({ state: 'failed', attempts: eb('attempts', '+', 1), failure: 'crashed', changed_at: now }))
    .where('turn_id', '=', turnId)
    .where('state', '=', 'in-turn')
    .where('attempts', '>=', maxAttempts - 1)
    .returningAll()
    .execute();
  for (const entry of rows.map(entryOfRow)) {
    const content = noticeOf(entry);
    if (content === undefined) continue;
    await insertReply(transaction, { turnId, idempotencyKey: noticeKey(entry.envelopeId), content }, now);
  }
  return rows.length;
}

async function putBack(transaction: Transaction<AgentSchema>, turnId: string, now: number): Promise<number> {
  const { numUpdatedRows } = await transaction
    .updateTable('inbox')
    .set(({ eb }) => ({ state: 'waiting', attempts: eb('attempts', '+', 1), failure: 'crashed', changed_at: now }))
    .where('turn_id', '=', turnId)
    .where('state', '=', 'in-turn')
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
