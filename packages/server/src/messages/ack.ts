// The end of deliveries. spec: wire-protocol 9.24, 10.6
import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import type { ServerContext } from '../context.ts';

const IDS_PER_STATEMENT = 500;

/** A device's own deliveries only; unknown ids are passed over. The entry is dropped at once: nobody needs it again. */
export async function ackDeliveries(
  { database, now }: Pick<ServerContext, 'database' | 'now'>,
  deviceId: DeviceId,
  envelopeIds: readonly EnvelopeId[],
): Promise<void> {
  for (let at = 0; at < envelopeIds.length; at += IDS_PER_STATEMENT) {
    const ids = envelopeIds.slice(at, at + IDS_PER_STATEMENT);
    await database.write((transaction) =>
      transaction
        .updateTable('deliveries')
        .set({ acked_at: now(), entry: null })
        .where('device_id', '=', deviceId)
        .where('envelope_id', 'in', ids)
        .where('acked_at', 'is', null)
        .execute(),
    );
  }
}
