// What the daemon knows of one agent's work, one interface for each table. Flags are 0 or 1, times are ms and JSON is text.
import type { Generated } from 'kysely';

/**
 * `waiting` for a turn, `in-turn`, or over: `answered`, `silent` (the agent had nothing to say), `failed` (given up; can be
 * tried again). `deferred` waits for credentials. `context` is shown to the model with the conversation's next turn, `stored`
 * is not. A message is in exactly one of them.
 */
export type InboxState = 'waiting' | 'context' | 'stored' | 'in-turn' | 'answered' | 'silent' | 'deferred' | 'failed';

export type TurnState = 'running' | 'done' | 'failed' | 'cancelled';

export type ReplyState = 'pending' | 'sent' | 'failed';

export interface AgentSchema {
  inbox: InboxTable;
  unreadable: UnreadableTable;
  turns: TurnsTable;
  replies: RepliesTable;
  engine_sessions: EngineSessionsTable;
  invite_prompts: InvitePromptsTable;
  reminders: RemindersTable;
  approvals: ApprovalsTable;
  approval_grants: ApprovalGrantsTable;
  tool_calls: ToolCallsTable;
  self_settings: SelfSettingsTable;
}

export interface InboxTable {
  /** Ascending in the order of recording. */
  id: Generated<number>;
  envelope_id: string;
  seq: number;
  /** `conversationKey` */
  conversation: string;
  /** Of channels. */
  space_id: string | null;
  channel_id: string | null;
  /** Of direct messages. */
  peer_slug: string | null;
  thread_root_id: string | null;
  sender_slug: string;
  sender_type: 'human' | 'agent' | 'system';
  is_from_operator: number;
  text: string;
  /** A list of objects. */
  attachments: string;
  sent_at: number;
  received_at: number;
  /** Of what starts a turn. */
  band: number | null;
  state: InboxState;
  /** Of `state`. */
  changed_at: number;
  attempts: number;
  not_before: number;
  /** Why the last turn did not answer it. */
  failure: string | null;
  /** The last turn that it was part of, or shown in. */
  turn_id: string | null;
  /** Of context: when the turn that showed it was over. */
  shown_at: number | null;
  /** Unique for ever. */
  replay_key: string | null;
  /** When its text was removed, and what it said with it. */
  forgotten_at: number | null;
}

export interface UnreadableTable {
  envelope_id: string;
  /** Claimed, not proven. */
  sender_slug: string | null;
  reason: string;
  envelope: string;
  received_at: number;
}

export interface TurnsTable {
  turn_id: string;
  conversation: string;
  state: TurnState;
  started_at: number;
  ended_at: number | null;
  tokens_in: number;
  tokens_out: number;
  /** What became of its messages. */
  outcome: string | null;
}

export interface RepliesTable {
  /** Ascending in the order of writing. */
  id: Generated<number>;
  idempotency_key: string;
  turn_id: string;
  kind: 'channel' | 'dm';
  space_id: string | null;
  channel_id: string | null;
  recipient_slug: string | null;
  content_type: string;
  content: string;
  thread_root_id: string | null;
  reply_to_id: string | null;
  is_visible_to_human: number;
  created_at: number;
  state: ReplyState;
  /** Of what was sent. */
  envelope_id: string | null;
  failure: string | null;
}

/** What each engine needs to go on where it was. */
export interface EngineSessionsTable {
  /** `Engine.name` */
  engine: string;
  session: string;
  updated_at: number;
}

/** `accept`, `reject`: decided and still to be done. */
export type InvitePromptState = 'open' | 'accept' | 'reject' | 'done';

export interface InvitePromptsTable {
  /** The invite. */
  event_id: string;
  scope: 'space' | 'channel';
  space_id: string;
  channel_id: string | null;
  /** The direct message that asks. */
  prompt_id: string;
  operator_slug: string;
  state: InvitePromptState;
  /** The message that decided. */
  answer_id: string | null;
  changed_at: number;
}

export type ReminderState = 'open' | 'fired' | 'cancelled';

export interface RemindersTable {
  reminder_id: string;
  /** Of the call that asked for it: unique. */
  call_key: string;
  /** `conversationKey` */
  conversation: string;
  /** Of channels. */
  space_id: string | null;
  channel_id: string | null;
  /** Of direct messages. */
  peer_slug: string | null;
  thread_root_id: string | null;
  text: string;
  due_at: number;
  created_at: number;
  state: ReminderState;
  /** Of `state`. */
  changed_at: number;
}

/**
 * `open`: nobody has decided. `allowed`, `always`, `denied`: the operator has. `expired`: they did not in time, which denies.
 * `withdrawn`: the turn that asked is over, and nobody needs to know any more.
 */
export const APPROVAL_STATES = ['open', 'allowed', 'always', 'denied', 'expired', 'withdrawn'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

export interface ApprovalsTable {
  approval_id: string;
  turn_id: string;
  /** `conversationKey` */
  conversation: string;
  /** Of channels. */
  space_id: string | null;
  channel_id: string | null;
  /** Of direct messages. */
  peer_slug: string | null;
  thread_root_id: string | null;
  tool_name: string;
  /** The exact arguments. */
  input: string;
  /** Of the tool and its exact arguments. */
  digest: string;
  description: string;
  operator_slug: string;
  /** The direct message that asks; absent until it is recorded. */
  prompt_id: string | null;
  state: ApprovalState;
  /** The message that decided. */
  answer_id: string | null;
  /** The engine waits for the decision. */
  is_waited_for: number;
  /** What follows from the decision was done. */
  is_concluded: number;
  created_at: number;
  /** Of `state`. */
  changed_at: number;
}

export interface ApprovalGrantsTable {
  /** Where it was decided. */
  approval_id: string;
  /** Of a tool and its exact arguments. */
  digest: string;
  /** `once`: used up by the first call. */
  scope: 'once' | 'always';
  created_at: number;
}

/** What the engine asked the daemon to do. Kept for a day. */
export interface ToolCallsTable {
  call_key: string;
  tool: string;
  kind: 'speak' | 'read' | 'self';
  /** Absent: outside of a turn. */
  turn_id: string | null;
  /** The first message of the turn: what a repetition of the turn has in common with it. */
  trigger_id: string | null;
  input_digest: string;
  /** Of what was said, and where. */
  speech_digest: string | null;
  started_at: number;
  /** Absent: it runs, or the process ended. */
  ended_at: number | null;
  is_error: number | null;
  code: string | null;
  text: string | null;
  /** Of what was said. */
  envelope_id: string | null;
}

/** What the agent chose for itself. */
export interface SelfSettingsTable {
  name: string;
  value: string;
  changed_at: number;
}
