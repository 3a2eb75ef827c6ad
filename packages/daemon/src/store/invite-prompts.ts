// Invites that the operator was asked about, until they are answered and done. What was decided is recorded before it is
// done, so a crash repeats it and asks nobody twice. spec: wire-protocol 12.3, 12.5
import type { ChannelId, EnvelopeId, EventId, Slug, SpaceId } from '@puffo/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AgentSchema, InvitePromptsTable } from './agent-schema.ts';

/** Of one answer; the keeper asks about far fewer. */
const MAX_LISTED = 1000;
/** An answer may come again, or late: so long it is known what it meant. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

export type InviteDecision = 'accept' | 'reject';

export interface NewInvitePrompt {
  /** Of the invite. */
  readonly eventId: EventId;
  readonly scope: 'space' | 'channel';
  readonly spaceId: SpaceId;
  /** Of `channel`. */
  readonly channelId: ChannelId | undefined;
  /** The direct message that asks. */
  readonly promptId: EnvelopeId;
  /** Who was asked. */
  readonly operatorSlug: Slug;
}

export interface InvitePrompt extends NewInvitePrompt {
  /** `undefined`: nobody has answered. */
  readonly decision: InviteDecision | undefined;
}

export interface InviteAnswer {
  readonly promptId: EnvelopeId;
  /** The message that answers. */
  readonly answerId: EnvelopeId;
  readonly decision: InviteDecision;
}

/** Nothing happens when there is one for its invite. */
export async function addInvitePrompt(
  transaction: Transaction<AgentSchema>,
  prompt: NewInvitePrompt,
  now: number,
): Promise<void> {
  await transaction
    .insertInto('invite_prompts')
    .values({
      event_id: prompt.eventId,
      scope: prompt.scope,
      space_id: prompt.spaceId,
      channel_id: prompt.channelId ?? null,
      prompt_id: prompt.promptId,
      operator_slug: prompt.operatorSlug,
      state: 'open',
      answer_id: null,
      changed_at: now,
    })
    .onConflict((conflict) => conflict.column('event_id').doNothing())
    .execute();
}

/** Those that are not done, the oldest first. */
export async function listInvitePrompts(db: Kysely<AgentSchema>): Promise<readonly InvitePrompt[]> {
  const rows = await db
    .selectFrom('invite_prompts')
    .selectAll()
    .where('state', '<>', 'done')
    .orderBy('changed_at')
    .limit(MAX_LISTED)
    .execute();
  return rows.map(promptOfRow);
}

/** The first answer holds, and is known again when it comes again. `false`: another one was first, or nobody asked. */
export async function decideInvite(
  transaction: Transaction<AgentSchema>,
  { promptId, answerId, decision }: InviteAnswer,
  now: number,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('invite_prompts')
    .select('answer_id')
    .where('prompt_id', '=', promptId)
    .executeTakeFirst();
  if (row === undefined) return false;
  if (row.answer_id !== null) return row.answer_id === answerId;
  // Also of what is done because the invite was gone: whoever answers is told so.
  await transaction
    .updateTable('invite_prompts')
    .set({ state: decision, answer_id: answerId, changed_at: now })
    .where('prompt_id', '=', promptId)
    .execute();
  return true;
}

export async function closeInvitePrompt(
  transaction: Transaction<AgentSchema>,
  eventId: EventId,
  now: number,
): Promise<void> {
  await transaction
    .updateTable('invite_prompts')
    .set({ state: 'done', changed_at: now })
    .where('event_id', '=', eventId)
    .execute();
  await transaction
    .deleteFrom('invite_prompts')
    .where('state', '=', 'done')
    .where('changed_at', '<', now - KEPT_MS)
    .execute();
}

/** What the rows hold was checked before it was written. */
function promptOfRow(row: Selectable<InvitePromptsTable>): InvitePrompt {
  return {
    eventId: row.event_id as EventId,
    scope: row.scope,
    spaceId: row.space_id as SpaceId,
    channelId: row.channel_id === null ? undefined : (row.channel_id as ChannelId),
    promptId: row.prompt_id as EnvelopeId,
    operatorSlug: row.operator_slug as Slug,
    decision: row.state === 'accept' || row.state === 'reject' ? row.state : undefined,
  };
}
