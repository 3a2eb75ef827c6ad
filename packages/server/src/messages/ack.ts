// The end of deliveries. spec: wire-protocol 9.24, 10.6
import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { ServerSchema } from '../db/schema.ts';
import { findPostingSeqs, lockAckedUpto, writeAcks } from './ack-store.ts';
import { findLowestPending } from './pending-store.ts';
import { readLastSeq } from './posting-store.ts';

const IDS_PER_STATEMENT = 500;

/** A device's own deliveries only; unknown ids are passed over. */
export async function ackDeliveries(
  { database }: Pick<ServerContext, 'database'>,
  deviceId: DeviceId,
  envelopeIds: readonly EnvelopeId[],
): Promise<void> {
  for (let at = 0; at < envelopeIds.length; at += IDS_PER_STATEMENT) {
    const ids = envelopeIds.slice(at, at + IDS_PER_STATEMENT);
    await database.write((transaction) => ackSome(transaction, { deviceId, envelopeIds: ids }));
  }
}

export interface Acknowledgement {
  readonly deviceId: DeviceId;
  readonly envelopeIds: readonly EnvelopeId[];
}

/** As `ackDeliveries`, for several devices in one transaction. */
export async function ackTogether(
  { database }: Pick<ServerContext, 'database'>,
  acknowledgements: readonly Acknowledgement[],
): Promise<void> {
  // In one order everywhere, so that two nodes do not wait for each other's rows.
  const inOrder = acknowledgements.toSorted((left, right) => (left.deviceId < right.deviceId ? -1 : 1));
  await database.write(async (transaction) => {
    for (const { deviceId, envelopeIds } of inOrder) {
      for (let at = 0; at < envelopeIds.length; at += IDS_PER_STATEMENT) {
        await ackSome(transaction, { deviceId, envelopeIds: envelopeIds.slice(at, at + IDS_PER_STATEMENT) });
      }
    }
  });
}

/** Everything below the lowest that is left is acknowledged: numbers are committed in their order. */
async function ackSome(
  transaction: Transaction<ServerSchema>,
  { deviceId, envelopeIds }: Acknowledgement,
): Promise<void> {
  const from = await lockAckedUpto(transaction, deviceId);
  const acked = await findPostingSeqs(transaction, { deviceId, envelopeIds, from });
  if (acked.length === 0) return;
  const last = await readLastSeq(transaction);
  const lowest = await findLowestPending(transaction, { deviceId, after: from, except: acked });
  const upto = Math.max(lowest === undefined ? last : lowest - 1, from);
  await writeAcks(transaction, { deviceId, upto, above: acked.filter((seq) => seq > upto) });
}
