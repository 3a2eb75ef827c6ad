// What an earlier run could not send.
import { cleanName } from '../output/clean-text.ts';
import type { SignedInCall } from '../signed-in/with-signed-in.ts';

/** To be called in one's turn. Resolves when each of them is sent or has failed for good, which is told. */
export async function resumeOutbox({ client, database, call, rows }: SignedInCall): Promise<void> {
  const { note } = call.terminal;
  const queued = await database.outbox.listQueued();
  if (queued.length === 0) return;
  await client.outbox.resume();
  await Promise.all(
    queued.map(async ({ envelopeId }) => {
      const { state, failure } = await rows.settled(envelopeId);
      note(
        state === 'sent'
          ? `Sent ${envelopeId}, which was waiting.`
          : `Message ${envelopeId} could not be sent and is given up: ${cleanName(failure ?? 'unknown reason')}`,
      );
    }),
  );
}
