// Messages that wait, written straight into the tables.
import type { DeviceId, EnvelopeId } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import type { ServerSchema } from '../../src/db/schema.ts';
import { insertPosting } from '../../src/messages/posting-store.ts';
import type { MessageRow } from '../../src/messages/to-message-row.ts';

const ROWS_PER_STATEMENT = 100;

export interface WaitingMessage {
  readonly row: MessageRow;
  readonly deviceId: DeviceId;
  readonly entry: string;
}

export async function insertWaiting(
  transaction: Transaction<ServerSchema>,
  messages: readonly WaitingMessage[],
): Promise<void> {
  for (let at = 0; at < messages.length; at += ROWS_PER_STATEMENT) {
    const rows = messages.slice(at, at + ROWS_PER_STATEMENT).map(({ row }) => row);
    await transaction.insertInto('messages').values(rows).execute();
  }
  for (const { row, deviceId, entry } of messages) {
    const envelopeId = row.envelope_id as EnvelopeId;
    await insertPosting(transaction, { seq: row.seq, envelopeId, deliveries: [{ deviceId, entry }] });
  }
}
