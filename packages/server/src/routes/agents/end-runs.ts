// All of them or none. spec: wire-protocol 14.1
import { endRuns as end } from '../../agents/report-runs.ts';
import { requireAgent } from '../../agents/require-agent.ts';
import { defineRoute } from '../define-route.ts';

export const endRuns = defineRoute('endRuns', async ({ context, body, caller }) => {
  requireAgent(caller);
  const now = context.now();
  const ends = body.runs.map(({ run_id, message_id, succeeded, error_text }) => ({
    runId: run_id,
    messageId: message_id,
    hasSucceeded: succeeded,
    errorText: error_text ?? null,
  }));
  await context.database.write((transaction) => end(transaction, { ends, slug: caller.slug, now }));
  return { ok: true };
});
