// Messages end some days after they were sent, read or not. spec: wire-protocol 10.6, 15 (6)
import type { ServerContext } from '../context.ts';
import { deletePostings } from '../messages/posting-store.ts';
import { SLICE_ROWS } from './bounded-task.ts';

const DAY_MS = 86_400_000;

/** With their deliveries and runs. Returns how many messages there were. */
export function deleteOldMessages({ database, now, settings }: ServerContext): Promise<number> {
  const before = now() - settings.retention.messages * DAY_MS;
  return database.write(async (transaction) => {
    const rows = await transaction
      .selectFrom('messages')
      .where('received_at', '<', before)
      .select('envelope_id')
      .orderBy('received_at')
      .limit(SLICE_ROWS)
      .execute();
    const ids = rows.map((row) => row.envelope_id);
    if (ids.length === 0) return 0;
    await deletePostings(transaction, ids);
    await transaction.deleteFrom('processing_runs').where('message_id', 'in', ids).execute();
    await transaction.deleteFrom('messages').where('envelope_id', 'in', ids).execute();
    return ids.length;
  });
}
