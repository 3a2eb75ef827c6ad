// Fetches what waits at the server, records it, and only then acknowledges it.
import type { Inbound } from '@puffo/client';
import { cleanName } from '../output/clean-text.ts';
import type { Terminal } from '../output/terminal.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';

/** Recorded at the same time: they share a transaction. */
const WRITES_AHEAD = 64;

export async function receivePending({ client, database, call }: SignedInCall): Promise<void> {
  await using mailbox = client.openPending();
  let writes: Promise<void>[] = [];
  for await (const inbound of mailbox.inbound) {
    writes.push(
      (async () => {
        await database.messages.record(inbound);
        mailbox.acknowledge([inbound.envelopeId]);
      })(),
    );
    warnOfUnreadable(inbound, call.terminal);
    if (writes.length < WRITES_AHEAD) continue;
    await Promise.all(writes);
    writes = [];
  }
  await Promise.all(writes);
}

/** A message that is not shown is not passed over in silence. */
export function warnOfUnreadable(inbound: Inbound, { note, notePaint }: Terminal): void {
  if (inbound.kind === 'message') return;
  const sender = inbound.senderSlug === undefined ? 'somebody' : `@${inbound.senderSlug}`;
  const why = cleanName(inbound.reason);
  note(
    notePaint.yellow(`Warning: message ${inbound.envelopeId}, said to be from ${sender}, cannot be trusted (${why})`),
  );
}
