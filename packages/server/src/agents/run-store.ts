// Processing runs in the tables. spec: wire-protocol 9.29, 9.30, 11.3
import type { EnvelopeId, RunId } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';

export type RunRow = ServerSchema['processing_runs'];

export interface RunResult {
  readonly ended_at: number;
  readonly succeeded: number;
  readonly error_text: string | null;
}

export function findRuns(db: Kysely<ServerSchema>, runIds: readonly RunId[]): Promise<readonly RunRow[]> {
  return db.selectFrom('processing_runs').where('run_id', 'in', runIds).selectAll().execute();
}

/** In the order of their starts. */
export function listRunsOf(db: Kysely<ServerSchema>, messageId: EnvelopeId): Promise<readonly RunRow[]> {
  return db
    .selectFrom('processing_runs')
    .where('message_id', '=', messageId)
    .selectAll()
    .orderBy('started_at')
    .orderBy('run_id')
    .execute();
}

/** Whether it was new. */
export async function insertRun(transaction: Transaction<ServerSchema>, row: RunRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('processing_runs')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Whether it was open. */
export async function closeRun(
  transaction: Transaction<ServerSchema>,
  { runId, result }: { readonly runId: RunId; readonly result: RunResult },
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('processing_runs')
    .set(result)
    .where('run_id', '=', runId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Those of the messages that exist. */
export async function findExisting(
  db: Kysely<ServerSchema>,
  messageIds: readonly EnvelopeId[],
): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('messages').where('envelope_id', 'in', messageIds).select('envelope_id').execute();
  return new Set(rows.map((row) => row.envelope_id));
}
