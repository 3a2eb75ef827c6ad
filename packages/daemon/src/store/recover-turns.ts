// After a process ended in the middle of turns: nobody is answered twice, and nobody is forgotten. spec: daemon-and-cli D-3,
// statement 80
import type { Transaction } from 'kysely';
import type { AgentSchema } from './agent-schema.ts';
import { hasReply } from './replies.ts';
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
  readonly now: number;
}

export async function recoverTurns(
  transaction: Transaction<AgentSchema>,
  { maxAttempts, now }: RecoverOptions,
): Promise<Recovery> {
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
    failed += await giveUp(transaction, turnId, { maxAttempts, now });
    waiting += await putBack(transaction, turnId, now);
    await endTurn(transaction, { turnId, state: 'failed', outcome: 'crashed', report: {}, now });
  }
  return { settled, waiting, failed };
}

async function giveUp(
  transaction: Transaction<AgentSchema>,
  turnId: string,
  { maxAttempts, now }: RecoverOptions,
): Promise<number> {
  const { numUpdatedRows } = await transaction
    .updateTable('inbox')
    .set(({ eb }) => ({ state: 'failed', attempts: eb('attempts', '+', 1), failure: 'crashed', changed_at: now }))
    .where('turn_id', '=', turnId)
    .where('state', '=', 'in-turn')
    .where('attempts', '>=', maxAttempts - 1)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
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
