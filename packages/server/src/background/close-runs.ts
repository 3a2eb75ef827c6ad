import type { ServerContext } from '../context.ts';
import { SLICE_ROWS } from './bounded-task.ts';

const OFFLINE_MS = 10 * 60_000;

/** A run that nobody will end, because its agent is gone. spec: wire-protocol 11.3 */
export function closeAbandonedRuns({ database, now }: ServerContext): Promise<number> {
  const at = now();
  return database.write(async (transaction) => {
    const abandoned = transaction
      .selectFrom('processing_runs')
      .innerJoin('agent_status', 'agent_status.slug', 'processing_runs.agent_slug')
      .where('processing_runs.ended_at', 'is', null)
      .where('agent_status.last_write_at', '<', at - OFFLINE_MS)
      .select('processing_runs.run_id')
      .limit(SLICE_ROWS);
    const { numUpdatedRows } = await transaction
      .updateTable('processing_runs')
      .set({ ended_at: at, succeeded: 0, error_text: 'The agent went offline' })
      .where('run_id', 'in', abandoned)
      .where('ended_at', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  });
}
