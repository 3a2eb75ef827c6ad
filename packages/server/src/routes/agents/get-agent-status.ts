// Readable for every identity, but error texts may tell about the agent's machine: they are for those it works with.
// spec: wire-protocol 9.28, appendix B 22
import type { EnvelopeId, Slug } from '@puffo/protocol';
import { visibleState } from '../../agents/status-rules.ts';
import { type Agent, findAgent, findStatus, haveSpaceInCommon } from '../../agents/status-store.ts';
import type { Caller } from '../../auth/caller.ts';
import type { ServerContext } from '../../context.ts';
import { ServerError } from '../../errors.ts';
import { defineRoute } from '../define-route.ts';

export const getAgentStatus = defineRoute('getAgentStatus', async ({ context, params, caller }) => {
  const { slug } = params;
  const { db } = context.database;
  const agent = await findAgent(db, slug);
  if (agent === undefined) throw new ServerError('NOT_FOUND', `There is no agent '${slug}'`);
  const row = await findStatus(db, slug);
  const errorText = row?.error_text ?? null;
  const isShown = errorText !== null && (await isClose(context, { slug, agent, caller }));
  return {
    slug,
    status: visibleState(row, context.now()),
    current_message_id: (row?.current_message_id ?? null) as EnvelopeId | null,
    error_text: isShown ? errorText : null,
    last_heartbeat_at: row?.last_heartbeat_at ?? null,
  };
});

interface Reader {
  readonly slug: Slug;
  readonly agent: Agent;
  readonly caller: Caller;
}

async function isClose({ database }: ServerContext, { slug, agent, caller }: Reader): Promise<boolean> {
  if (caller.slug === slug || caller.rootPublicKey === agent.operatorRootPublicKey) return true;
  return haveSpaceInCommon(database.db, { left: slug, right: caller.slug });
}
