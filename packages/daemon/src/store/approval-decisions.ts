// What an operator decided about a tool call, and what follows: for an engine that waits the decision itself, and for one that went
// on without it a grant that is used up by the call, with a notice that starts a turn. Each is one transaction. spec: runtimes 5.9
import { type ApprovalAnswer, approvalNotice } from '@puffo/agent';
import type { EnvelopeId } from '@puffo/protocol';
import type { Selectable, Transaction } from 'kysely';
import type { AgentSchema, ApprovalsTable, ApprovalState } from './agent-schema.ts';
import { type Approval, approvalOfRow } from './approval-row.ts';
import { addNotice } from './notices.ts';

export interface ApprovalDecision {
  /** The question itself, or the message that asked it. */
  readonly of: { readonly approvalId: string } | { readonly promptId: EnvelopeId };
  readonly answer: ApprovalAnswer;
  /** The message that decides; `undefined`: no message does. */
  readonly answerId: EnvelopeId | undefined;
}

export type ApprovalVerdict =
  | { readonly kind: 'unknown' }
  /** `isWaitedFor`: an engine waits for it in this moment. */
  | { readonly kind: 'decided'; readonly approval: Approval; readonly isWaitedFor: boolean }
  /** The same answer once more. */
  | { readonly kind: 'repeated'; readonly approval: Approval }
  /** It was decided before, or is over. */
  | { readonly kind: 'closed'; readonly approval: Approval };

const STATES = { allow: 'allowed', always: 'always', deny: 'denied' } as const;
const ANSWERS: Partial<Record<ApprovalState, ApprovalAnswer>> = { allowed: 'allow', always: 'always', denied: 'deny' };

export async function decideApproval(
  transaction: Transaction<AgentSchema>,
  { of, answer, answerId }: ApprovalDecision,
  now: number,
): Promise<ApprovalVerdict> {
  const row = await transaction
    .selectFrom('approvals')
    .selectAll()
    .where((eb) => ('approvalId' in of ? eb('approval_id', '=', of.approvalId) : eb('prompt_id', '=', of.promptId)))
    .executeTakeFirst();
  if (row === undefined) return { kind: 'unknown' };
  if (answerId !== undefined && row.answer_id === answerId) return { kind: 'repeated', approval: approvalOfRow(row) };
  if (row.state !== 'open') return { kind: 'closed', approval: approvalOfRow(row) };
  const decided = { ...row, state: STATES[answer], answer_id: answerId ?? null, changed_at: now };
  const { state, answer_id, changed_at } = decided;
  await transaction
    .updateTable('approvals')
    .set({ state, answer_id, changed_at })
    .where('approval_id', '=', row.approval_id)
    .execute();
  if (answer === 'always') await addGrant(transaction, { row, scope: 'always', now });
  const isWaitedFor = row.is_waited_for === 1;
  if (!isWaitedFor) await concludeLate(transaction, decided, now);
  return { kind: 'decided', approval: approvalOfRow(decided), isWaitedFor };
}

/** Of a call that the engine went on without. */
export async function concludeLate(
  transaction: Transaction<AgentSchema>,
  row: Selectable<ApprovalsTable>,
  now: number,
): Promise<void> {
  const answer = ANSWERS[row.state];
  if (answer === undefined || row.is_concluded === 1) return;
  const { approvalId, conversation, threadRootId, toolName, input } = approvalOfRow(row);
  if (answer === 'allow') await addGrant(transaction, { row, scope: 'once', now });
  const text = approvalNotice(answer, { toolName, input });
  await addNotice(transaction, { key: approvalId, conversation, threadRootId, text }, now);
  await transaction
    .updateTable('approvals')
    .set({ is_concluded: 1, is_waited_for: 0 })
    .where('approval_id', '=', approvalId)
    .execute();
}

interface NewGrant {
  readonly row: Selectable<ApprovalsTable>;
  readonly scope: 'once' | 'always';
  readonly now: number;
}

async function addGrant(transaction: Transaction<AgentSchema>, { row, scope, now }: NewGrant): Promise<void> {
  await transaction
    .insertInto('approval_grants')
    .values({ approval_id: row.approval_id, digest: row.digest, scope, created_at: now })
    .onConflict((conflict) => conflict.column('approval_id').doNothing())
    .execute();
}
