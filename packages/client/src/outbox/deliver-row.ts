// One attempt to bring a recorded message to the server. Every step is recorded before the next, so that an attempt can end
// anywhere and another one goes on. spec: wire-protocol 6.5, 9.22
import { isJsonObject } from '@puffo/base';
import { isDeviceId } from '@puffo/protocol';
import type { HttpClient } from '../http/http-client.ts';
import { isStale } from './judge-failure.ts';
import type { OutboxRow, SealedRow } from './outbox-store.ts';
import { type Posted, postEnvelope } from './post-envelope.ts';
import { type SealingParts, sealRow, wrapForMissing } from './seal-row.ts';
import { recipientsOf, withRecipients } from './split-envelope.ts';

/** How often devices that the server misses are looked for after one posting. */
const SUPPLEMENTS = 2;

export interface DeliveryParts extends SealingParts {
  readonly http: HttpClient;
  readonly signal: AbortSignal;
}

/** The message that is being delivered, as it is recorded. */
export interface DeliveredRow {
  readonly row: OutboxRow;
  /** Durable when it resolves. */
  save(change: Partial<Omit<OutboxRow, 'envelopeId'>>): Promise<void>;
  /** The server has it; what follows only serves further devices. */
  noteAccepted(seq: number | undefined): void;
}

export async function deliverRow(delivered: DeliveredRow, parts: DeliveryParts): Promise<void> {
  let sealed = delivered.row.sealed ?? (await sealAndSave(delivered, parts));
  let posted: Posted;
  try {
    posted = await postEnvelope(sealed.envelope, parts);
  } catch (error) {
    if (!isStale(error, { sentAt: sentAtOf(sealed), now: parts.context.clock() })) throw error;
    sealed = await sealAndSave(delivered, parts);
    posted = await postEnvelope(sealed.envelope, parts);
  }
  delivered.noteAccepted(posted.seq);
  await serveMissing(delivered, { parts, sealed, posted });
}

async function sealAndSave(delivered: DeliveredRow, parts: DeliveryParts): Promise<SealedRow> {
  const sealed = await sealRow(delivered.row, parts);
  await delivered.save({ sealed });
  return sealed;
}

async function serveMissing(
  delivered: DeliveredRow,
  first: { parts: DeliveryParts; sealed: SealedRow; posted: Posted },
): Promise<void> {
  const { parts } = first;
  let { sealed, posted } = first;
  for (let round = 0; round < SUPPLEMENTS; round++) {
    const served = new Set(recipientsOf(sealed.envelope).map(deviceIdOf));
    const missing = new Set([...posted.missing].filter((deviceId) => !served.has(deviceId)));
    if (missing.size === 0) return;
    const entries = await wrapForMissing(delivered.row, { parts, missing, sealed });
    if (entries.length === 0) break;
    const recipients = [...recipientsOf(sealed.envelope), ...entries];
    sealed = { ...sealed, envelope: withRecipients(sealed.envelope, recipients) };
    await delivered.save({ sealed });
    posted = await postEnvelope(withRecipients(sealed.envelope, entries), parts);
  }
  const { envelopeId } = delivered.row;
  if (posted.missing.size > 0) parts.context.log.warn('devices-not-served', { envelopeId, count: posted.missing.size });
}

function deviceIdOf(entry: unknown) {
  const deviceId = isJsonObject(entry) ? entry['device_id'] : undefined;
  return isDeviceId(deviceId) ? deviceId : undefined;
}

function sentAtOf({ envelope }: SealedRow): number {
  const sentAt = envelope['sent_at'];
  return typeof sentAt === 'number' ? sentAt : 0;
}
