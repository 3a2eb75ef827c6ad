// spec: wire-protocol 9.6
import { findAudience, notifyCert } from '../../accounts/announce-certs.ts';
import { revokeAgentOf } from '../../accounts/revoke-agent.ts';
import { announceSpaceChange } from '../../spaces/space-change.ts';
import { defineRoute } from '../define-route.ts';

export const revokeAgent = defineRoute('revokeAgent', async ({ context, params, body, caller }) => {
  const { database, hub, random } = context;
  const { slug } = params;
  const request = { agentSlug: slug, revocation: body, caller, random, now: context.now() };
  // Before the agent leaves: afterwards it shares no space with anybody.
  const audience = await findAudience(database.db, slug);
  const { logged, changes } = await database.write((transaction) => revokeAgentOf(transaction, request));
  hub.disconnect({ slug });
  for (const cert of logged) notifyCert(context, cert, cert.slug === slug ? audience : [caller.slug]);
  for (const change of changes) announceSpaceChange(hub, change);
  return { ok: true as const };
});
