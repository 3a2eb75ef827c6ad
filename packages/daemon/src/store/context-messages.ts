// What was said since the conversation's last turn and started none. spec: daemon-and-cli D-21
import type { Transaction } from 'kysely';
import type { AgentSchema } from './agent-schema.ts';
import { entryOfRow, type InboxEntry } from './inbox-row.ts';

export interface ContextLimits {
  readonly maxMessages: number;
  /** UTF-8 bytes of texts. */
  readonly maxBytes: number;
}

export interface TakenContext {
  /** The newest ones, oldest first. */
  readonly messages: readonly InboxEntry[];
  /** Older ones that found no place, and will not be shown later either. */
  readonly omitted: number;
}

/** They belong to the turn until it ends. What it took before, it gets again. */
export async function takeContext(
  transaction: Transaction<AgentSchema>,
  { turnId, conversation, limits, now }: TakeContextOptions,
): Promise<TakenContext> {
  const rows = await transaction
    .selectFrom('inbox')
    .selectAll()
    .where('conversation', '=', conversation)
    .where('state', '=', 'context')
    .where('shown_at', 'is', null)
    .where(({ eb, or }) => or([eb('turn_id', 'is', null), eb('turn_id', '=', turnId)]))
    .orderBy('seq', 'desc')
    .orderBy('id', 'desc')
    .limit(limits.maxMessages)
    .execute();
  const entries = fitting(rows.map(entryOfRow), limits.maxBytes);
  const ids = entries.map(({ envelopeId }) => envelopeId);
  if (ids.length > 0) {
    await transaction.updateTable('inbox').set({ turn_id: turnId }).where('envelope_id', 'in', ids).execute();
  }
  const { numUpdatedRows } = await transaction
    .updateTable('inbox')
    .set({ state: 'stored', changed_at: now })
    .where('conversation', '=', conversation)
    .where('state', '=', 'context')
    .where('shown_at', 'is', null)
    .where('turn_id', 'is', null)
    .executeTakeFirstOrThrow();
  return { messages: entries.toReversed(), omitted: Number(numUpdatedRows) };
}

interface TakeContextOptions {
  readonly turnId: string;
  readonly conversation: string;
  readonly limits: ContextLimits;
  readonly now: number;
}

function fitting(newestFirst: readonly InboxEntry[], maxBytes: number): readonly InboxEntry[] {
  let bytes = 0;
  const end = newestFirst.findIndex(({ text }) => (bytes += Buffer.byteLength(text)) > maxBytes);
  return end === -1 ? newestFirst : newestFirst.slice(0, end);
}

/** When a turn is over: it was shown, or it waits for the next turn. */
export async function leaveContext(
  transaction: Transaction<AgentSchema>,
  { turnId, shownAt }: { readonly turnId: string; readonly shownAt: number | undefined },
): Promise<void> {
  await transaction
    .updateTable('inbox')
    .set(shownAt === undefined ? { turn_id: null } : { shown_at: shownAt })
    .where('turn_id', '=', turnId)
    .where('state', '=', 'context')
    .execute();
}
