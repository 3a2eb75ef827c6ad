// spec: wire-protocol 9.27, 11.2
import { requireAgent } from '../../agents/require-agent.ts';
import { heartbeatWaitSeconds, statusAfterHeartbeat } from '../../agents/status-rules.ts';
import { findStatus, writeStatus } from '../../agents/status-store.ts';
import { ServerError } from '../../errors.ts';
import { defineRoute } from '../define-route.ts';

export const sendHeartbeat = defineRoute('sendHeartbeat', async ({ context, body, caller }) => {
  requireAgent(caller);
  const { slug } = caller;
  const now = context.now();
  await context.database.write(async (transaction) => {
    const previous = await findStatus(transaction, slug);
    const retryAfterSeconds = heartbeatWaitSeconds(previous, now);
    if (retryAfterSeconds !== undefined) {
      throw new ServerError('RATE_LIMITED', 'Cannot take heartbeat: the last report is too recent', {
        retryAfterSeconds,
      });
    }
    await writeStatus(transaction, statusAfterHeartbeat(previous, { slug, heartbeat: body, now }));
  });
  return { ok: true };
});
