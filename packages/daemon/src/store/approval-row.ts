// Between questions to the operator and the rows that hold them.
import { type Conversation, conversationKey } from '@puffo/agent';
import { type JsonValue, safeParseJson } from '@puffo/base';
import type { EnvelopeId, Slug } from '@puffo/protocol';
import type { Insertable, Selectable } from 'kysely';
import { DaemonError } from '../daemon-error.ts';
import type { ApprovalsTable, ApprovalState } from './agent-schema.ts';
import { conversationColumns, conversationOfColumns } from './inbox-row.ts';

/** Of the arguments, as JSON. */
export const MAX_INPUT_CHARACTERS = 1024 * 1024;
export const MAX_INPUT_DEPTH = 64;

export interface NewApproval {
  /** `apr_…` */
  readonly approvalId: string;
  /** Empty: of no turn. */
  readonly turnId: string;
  /** Where the question came up, and where the model is told of a late decision. */
  readonly conversation: Conversation;
  readonly threadRootId: EnvelopeId | null;
  readonly toolName: string;
  /** The exact arguments. */
  readonly input: JsonValue;
  /** Of the tool and its exact arguments. */
  readonly digest: string;
  readonly description: string;
  /** Who is asked. */
  readonly operatorSlug: Slug;
}

export interface Approval extends NewApproval {
  readonly state: ApprovalState;
  /** The direct message that asks; `undefined`: it is not recorded yet. */
  readonly promptId: EnvelopeId | undefined;
  /** ms */
  readonly createdAt: number;
}

export function rowOfApproval(approval: NewApproval, now: number): Insertable<ApprovalsTable> {
  return {
    approval_id: approval.approvalId,
    turn_id: approval.turnId,
    conversation: conversationKey(approval.conversation),
    ...conversationColumns(approval.conversation),
    thread_root_id: approval.threadRootId,
    tool_name: approval.toolName,
    input: JSON.stringify(approval.input),
    digest: approval.digest,
    description: approval.description,
    operator_slug: approval.operatorSlug,
    prompt_id: null,
    state: 'open',
    answer_id: null,
    is_waited_for: 1,
    is_concluded: 0,
    created_at: now,
    changed_at: now,
  };
}

/** What the rows hold was checked before it was written. */
export function approvalOfRow(row: Selectable<ApprovalsTable>): Approval {
  return {
    approvalId: row.approval_id,
    turnId: row.turn_id,
    conversation: conversationOfColumns(row),
    threadRootId: row.thread_root_id as EnvelopeId | null,
    toolName: row.tool_name,
    input: readInput(row),
    digest: row.digest,
    description: row.description,
    operatorSlug: row.operator_slug as Slug,
    state: row.state,
    promptId: row.prompt_id === null ? undefined : (row.prompt_id as EnvelopeId),
    createdAt: row.created_at,
  };
}

function readInput({ input, approval_id: id }: Selectable<ApprovalsTable>): JsonValue {
  const result = safeParseJson(input, { maxLength: MAX_INPUT_CHARACTERS, maxDepth: MAX_INPUT_DEPTH, integers: 'any' });
  if (result.kind === 'value') return result.value;
  const message = `Cannot read question ${id}: its record is damaged; restore the database from a backup`;
  throw new DaemonError(message, { code: 'invalid-file' });
}
