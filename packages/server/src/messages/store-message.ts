// A message and all its deliveries, in one transaction. spec: wire-protocol 9.22
import type { DeviceId, Envelope } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import { nextSeq } from '../db/next-seq.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { type Audience, chooseRecipients } from './audience.ts';
import { findMessage, insertMessage } from './message-store.ts';
import { insertPosting, listPostedDevices, type NewDelivery } from './posting-store.ts';
import { entryTexts, isSameMessage, type MessageRow } from './to-message-row.ts';

export interface MessageToStore {
  readonly envelope: Envelope;
  readonly row: Omit<MessageRow, 'seq'>;
  readonly audience: Audience;
}

export interface StoredMessage {
  readonly seq: number;
  /** Of its deliveries: that of the message, except where it is sent again. */
  readonly postingSeq: number;
  /** The id was known already, and its content is the same. */
  readonly isReplay: boolean;
  /** JSON text as it was stored first. */
  readonly envelope: string;
  /** Those that are new. */
  readonly deliveries: readonly NewDelivery[];
  readonly missing: readonly DeviceId[];
}

export async function storeMessage(
  transaction: Transaction<ServerSchema>,
  message: MessageToStore,
): Promise<StoredMessage> {
  const { envelope, row, audience } = message;
  const { recipients, envelopeId } = envelope;
  const { listed, missing } = chooseRecipients(recipients, audience);
  const texts = entryTexts(envelope);
  const chosen = listed.flatMap((index) => {
    const recipient = recipients[index];
    return recipient === undefined ? [] : [{ deviceId: recipient.deviceId, entry: texts[index] ?? '' }];
  });
  const deliveries = inOrder(chosen);
  const seq = await nextSeq(transaction, 'messages');
  if (!(await insertMessage(transaction, { ...row, seq }))) {
    return addRecipients(transaction, { ...message, postingSeq: seq, deliveries, missing });
  }
  if (deliveries.length > 0) await insertPosting(transaction, { seq, envelopeId, deliveries });
  return { seq, postingSeq: seq, isReplay: false, envelope: row.envelope, deliveries, missing };
}

/** Whoever sends to these devices: they are one set. Our own clients list them in order. */
function inOrder(deliveries: readonly NewDelivery[]): readonly NewDelivery[] {
  const isSorted = deliveries.every(({ deviceId }, index) => deviceId >= (deliveries[index - 1]?.deviceId ?? ''));
  return isSorted ? deliveries : deliveries.toSorted((left, right) => (left.deviceId < right.deviceId ? -1 : 1));
}

/**
 * The same message again: that is how devices are served which were missing, or not known to the sender. Under a new
 * number, because what a device gets has to come after what it acknowledged.
 */
async function addRecipients(
  transaction: Transaction<ServerSchema>,
  message: MessageToStore & Pick<StoredMessage, 'postingSeq' | 'deliveries' | 'missing'>,
): Promise<StoredMessage> {
  const { envelope, row, postingSeq } = message;
  const { envelopeId } = envelope;
  const known = await findMessage(transaction, envelopeId);
  if (known === undefined || !isSameMessage(known, row)) {
    throw new ServerError('CONFLICT', 'Cannot send message: there is another message under this id');
  }
  const posted = await listPostedDevices(transaction, envelopeId);
  const deliveries = message.deliveries.filter(({ deviceId }) => !posted.has(deviceId));
  const missing = message.missing.filter((deviceId) => !posted.has(deviceId));
  if (deliveries.length > 0) await insertPosting(transaction, { seq: postingSeq, envelopeId, deliveries });
  return { seq: known.seq, postingSeq, isReplay: true, envelope: known.envelope, deliveries, missing };
}
