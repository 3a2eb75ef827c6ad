// Who works on a message, for the members of its conversation. spec: wire-protocol 9.30
import type { RunId, Slug } from '@puffo/protocol';
import { listRunsOf } from '../../agents/run-store.ts';
import { isInConversation } from '../../messages/conversation.ts';
import { findMessage } from '../../messages/message-store.ts';
import { ServerError } from '../../errors.ts';
import { defineRoute } from '../define-route.ts';

export const listRuns = defineRoute('listRuns', async ({ context, params, caller }) => {
  const { db } = context.database;
  const message = await findMessage(db, params.envelope_id);
  if (message === undefined) throw new ServerError('NOT_FOUND', 'There is no such message');
  if (!(await isInConversation(db, { message, slug: caller.slug }))) {
    throw new ServerError('FORBIDDEN', 'Cannot list runs: the message is in a conversation of others');
  }
  const runs = await listRunsOf(db, params.envelope_id);
  return {
    runs: runs.map(({ run_id, agent_slug, started_at, ended_at, succeeded, error_text }) => ({
      run_id: run_id as RunId,
      agent_slug: agent_slug as Slug,
      started_at,
      ended_at,
      succeeded: succeeded === null ? null : succeeded === 1,
      error_text,
    })),
  };
});
