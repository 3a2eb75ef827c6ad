// spec: wire-protocol 9.29, 11.3
import { endRuns } from '../../agents/report-runs.ts';
import { requireAgent } from '../../agents/require-agent.ts';
import { defineRoute } from '../define-route.ts';

export const endRun = defineRoute('endRun', async ({ context, params, body, caller }) => {
  requireAgent(caller);
  const now = context.now();
  const end = {
    runId: body.run_id,
    messageId: params.envelope_id,
    hasSucceeded: body.succeeded,
    errorText: body.error_text ?? null,
  };
  await context.database.write((transaction) => endRuns(transaction, { ends: [end], slug: caller.slug, now }));
  return { ok: true };
});
