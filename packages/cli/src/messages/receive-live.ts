// Messages as they come, each one recorded before it is acknowledged and shown.
import type { Connection, Inbound, Mailbox } from '@puffo/client';
import type { StoredMessage } from '@puffo/client/sqlite';
import type { DeviceId } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { Terminal } from '../output/terminal.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';
import { warnOfUnreadable } from './receive-pending.ts';

/** What others and one's other devices write. Ends when the mailbox is closed, or when the server does not let this device in any more. */
export async function* receiveLive(
  { client, database, call }: SignedInCall,
  mailbox: Mailbox,
): AsyncGenerator<StoredMessage> {
  for await (const inbound of mailbox.inbound) {
    const added = await database.messages.record(inbound);
    mailbox.acknowledge([inbound.envelopeId]);
    warnOfUnreadable(inbound, call.terminal);
    if (!added.includes(inbound.envelopeId) || isFromHere(inbound, client.deviceId)) continue;
    const message = await database.messages.find(inbound.envelopeId);
    if (message !== undefined) yield message;
  }
}

/** The server hands a message to all devices, its sender's too: whoever wrote it here has seen it. */
function isFromHere(inbound: Inbound, deviceId: DeviceId): boolean {
  return inbound.kind === 'message' && inbound.message.signer.device.deviceId === deviceId;
}

/** Says when the connection is lost and when it is back. Returns how to stop. */
export function reportConnection(connection: Connection, tell: (sentence: string) => void): () => void {
  let isLost = false;
  return connection.onState((state) => {
    if (state === 'waiting' && !isLost) {
      isLost = true;
      tell('The connection is lost; trying again …');
    }
    if (state === 'open' && isLost) {
      isLost = false;
      tell('Connected again.');
    }
  });
}

export function notLetIn(): CliError {
  return new CliError(
    'refused',
    'The server does not let this device in any more: look whether it was revoked, with puffo-cli device list elsewhere',
  );
}

export function noteOf({ note, notePaint }: Terminal): (sentence: string) => void {
  return (sentence) => note(notePaint.dim(sentence));
}
