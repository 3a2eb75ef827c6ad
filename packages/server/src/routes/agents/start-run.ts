// spec: wire-protocol 9.29, 11.3
import { startRun as start } from '../../agents/report-runs.ts';
import { requireAgent } from '../../agents/require-agent.ts';
import { defineRoute } from '../define-route.ts';

export const startRun = defineRoute('startRun', async ({ context, params, body, caller }) => {
  requireAgent(caller);
  const now = context.now();
  const run = { runId: body.run_id, messageId: params.envelope_id };
  await context.database.write((transaction) => start(transaction, { start: run, slug: caller.slug, now }));
  return { ok: true };
});
