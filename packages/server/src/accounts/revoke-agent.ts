// The operator ends an agent for ever: its slug stays taken and nobody signs with its keys. spec: wire-protocol 4.13, 9.6
import type { JsonObject, Random } from '@puffo/base';
import { LIMITS, type OperatorRevocation, type Slug, verifyOperatorRevocation } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { dropPending } from '../messages/pending-store.ts';
import { leaveAllSpaces } from '../spaces/leave-all-spaces.ts';
import type { SpaceChange } from '../spaces/space-change.ts';
import { appendCerts, type LoggedCert } from './cert-log.ts';
import { endDevicesOf } from './device-store.ts';
import { findIdentity, type Identity, revokeIdentity } from './identity-store.ts';
import { requireValid } from './require-valid.ts';
import { verifyKeyOf } from './stored-key.ts';

/** Stands in the place of a signature. spec: wire-protocol 8.7 */
const LEAVE_MARKER = 'server-auto:agent-revoked-leave-space';

export interface AgentRevocationRequest {
  readonly agentSlug: Slug;
  readonly revocation: JsonObject;
  readonly caller: { readonly slug: Slug; readonly rootPublicKey: string };
  readonly random: Random;
  readonly now: number;
}

/** Both empty: it was revoked before. */
export interface EndedAgent {
  readonly logged: readonly LoggedCert[];
  readonly changes: readonly SpaceChange[];
}

/** What the revocation says is the truth for those who judge old acts; here the agent ends at once. */
export async function revokeAgentOf(
  transaction: Transaction<ServerSchema>,
  request: AgentRevocationRequest,
): Promise<EndedAgent> {
  const { agentSlug, caller, random, now } = request;
  const agent = await getOwnAgent(transaction, request);
  const { object } = checkRevocation(agent, request);
  if (!(await revokeIdentity(transaction, agentSlug))) return { logged: [], changes: [] };
  const changes = await leaveAllSpaces(transaction, { slug: agentSlug, at: now, random, marker: LEAVE_MARKER });
  await endDevicesOf(transaction, { slug: agentSlug, from: now });
  await dropPending(transaction, { slug: agentSlug });
  const logged = await appendCerts(
    transaction,
    [agentSlug, caller.slug].map((slug) => ({ slug, kind: 'operator_revocation', cert: object })),
  );
  return { logged, changes };
}

async function getOwnAgent(db: Kysely<ServerSchema>, { agentSlug, caller }: AgentRevocationRequest): Promise<Identity> {
  const agent = await findIdentity(db, agentSlug);
  if (agent === undefined) throw new ServerError('NOT_FOUND', 'Cannot revoke agent: it is not known');
  if (agent.operatorRootPublicKey === caller.rootPublicKey) return agent;
  throw new ServerError('FORBIDDEN', 'Cannot revoke agent: only its operator can');
}

function checkRevocation(agent: Identity, { revocation, caller, now }: AgentRevocationRequest): OperatorRevocation {
  const keys = { operatorKey: verifyKeyOf(caller.rootPublicKey), agentKey: verifyKeyOf(agent.rootPublicKey) };
  const verified = requireValid(verifyOperatorRevocation(revocation, keys));
  if (verified.effectiveFrom <= now + LIMITS.clockWindowMs) return verified;
  throw new ServerError('INVALID_PAYLOAD', 'Cannot revoke agent: the revocation is for a later time', {
    field: 'operator_revocation.effective_from',
  });
}
