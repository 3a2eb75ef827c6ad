// Texts do not outlive the history that they are a copy of. Ids and replay keys stay, or a message could come twice.
// spec: daemon-and-cli D-24
import { sql, type Transaction } from 'kysely';
import type { AgentSchema, InboxState } from './agent-schema.ts';

/** Of one run, so that a large clean-up does not hold up messages. */
const MAX_ROWS = 1000;
/** A message that is still to be shown or answered keeps its text, however old it is. */
const OVER: readonly InboxState[] = ['answered', 'silent', 'stored', 'failed'];

export async function forgetOld(
  transaction: Transaction<AgentSchema>,
  { receivedBefore, now }: { readonly receivedBefore: number; readonly now: number },
): Promise<number> {
  await forgetReplies(transaction, receivedBefore);
  await forgetEnvelopes(transaction, receivedBefore);
  const { numUpdatedRows } = await transaction
    .updateTable('inbox')
    .set({ text: '', attachments: '[]', forgotten_at: now })
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('inbox')
        .select('id')
        .where('received_at', '<', receivedBefore)
        .where('forgotten_at', 'is', null)
        .where(({ eb, or }) => or([eb('state', 'in', OVER), eb('shown_at', 'is not', null)]))
        .orderBy('received_at')
        .limit(MAX_ROWS),
    )
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

async function forgetReplies(transaction: Transaction<AgentSchema>, createdBefore: number): Promise<void> {
  await transaction
    .deleteFrom('replies')
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('replies')
        .innerJoin('turns', 'turns.turn_id', 'replies.turn_id')
        .select('replies.id')
        .where('replies.created_at', '<', createdBefore)
        .where('replies.state', '<>', 'pending')
        .where('turns.state', '<>', 'running')
        .limit(MAX_ROWS),
    )
    .execute();
}

async function forgetEnvelopes(transaction: Transaction<AgentSchema>, receivedBefore: number): Promise<void> {
  const nothing = '{}';
  await transaction
    .updateTable('unreadable')
    .set({ envelope: nothing })
    .where('envelope_id', 'in', ({ selectFrom }) =>
      selectFrom('unreadable')
        .select('envelope_id')
        .where('received_at', '<', receivedBefore)
        .where(sql<boolean>`envelope <> ${nothing}`)
        .limit(MAX_ROWS),
    )
    .execute();
}
