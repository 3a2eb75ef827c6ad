// The end of deliveries. spec: wire-protocol 9.24, 10.6
import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import type { ServerContext } from '../context.ts';
import { type AckRow, compactAcks, findPostingSeqs, canCompact, insertAcks, lockAckedUpto } from './ack-store.ts';

const IDS_PER_TRANSACTION = 500;

/** A device's own deliveries only; unknown ids are passed over. */
export async function ackDeliveries(
  { database }: Pick<ServerContext, 'database'>,
  deviceId: DeviceId,
  envelopeIds: readonly EnvelopeId[],
): Promise<void> {
  for (let at = 0; at < envelopeIds.length; at += IDS_PER_TRANSACTION) {
    const ids = envelopeIds.slice(at, at + IDS_PER_TRANSACTION);
    await database.write(async (transaction) => {
      const from = await lockAckedUpto(transaction, deviceId);
      const seqs = await findPostingSeqs(transaction, { deviceId, envelopeIds: ids, from });
      if (seqs.length === 0) return;
      await insertAcks(
        transaction,
        seqs.map((seq) => ({ deviceId, seq })),
      );
      await compactAcks(transaction, deviceId);
    });
  }
}

export interface SentAcks {
  /** Of any devices: messages that were sent to them under these numbers. */
  readonly acks: readonly AckRow[];
  /** Whose acknowledgements are to become one number. */
  readonly compact: readonly DeviceId[];
}

/** As `ackDeliveries`, for what sockets were sent: nothing has to be looked up. */
export async function ackSent(
  { database }: Pick<ServerContext, 'database'>,
  { acks, compact }: SentAcks,
): Promise<void> {
  if (acks.length === 0 && compact.length === 0) return;
  // In one order everywhere, so that two nodes do not wait for each other's rows.
  const rows = acks.toSorted((left, right) => compareText(left.deviceId, right.deviceId) || left.seq - right.seq);
  const devices = compact.toSorted(compareText);
  // One that gets lost with the power is a message that comes once more: not worth the wait.
  const options = { waitsForDisk: false };
  await database.write(async (transaction) => {
    await insertAcks(transaction, rows);
    for (const deviceId of devices) await compactAcks(transaction, deviceId);
  }, options);
}

/** What an earlier session of the device left. */
export async function compactLooseAcks(
  { database }: Pick<ServerContext, 'database'>,
  deviceId: DeviceId,
): Promise<void> {
  if (await canCompact(database.db, deviceId)) await ackSent({ database }, { acks: [], compact: [deviceId] });
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
