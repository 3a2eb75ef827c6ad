// What the agent said, in the same transaction that ends its turn, until the outbox has it. The key makes two ways into the
// outbox one: after a crash in between it is handed over again, and sent once. spec: daemon-and-cli D-3, D-15
import { type JsonValue, safeParseJson } from '@puffo/base';
import type { OutgoingContent } from '@puffo/client';
import type { ChannelId, EnvelopeId, Route, Slug, SpaceId } from '@puffo/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { DaemonError } from '../daemon-error.ts';
import type { AgentSchema, RepliesTable } from './agent-schema.ts';

const LIMITS = { maxLength: 16 * 1024 * 1024, maxDepth: 64, integers: 'any' } as const;
/** Of one turn. */
export const MAX_REPLIES = 100;
/** Of one answer. */
const MAX_PENDING = 100;
const CALL_ID = /^[\w.:-]{1,128}$/;

export interface PendingReply extends OutgoingContent {
  /** For `OutboxRow.idempotencyKey`. */
  readonly idempotencyKey: string;
  readonly turnId: string;
  /** ms */
  readonly createdAt: number;
}

export type ReplyResult =
  | { readonly kind: 'sent'; readonly envelopeId: EnvelopeId }
  /** For good. */
  | { readonly kind: 'failed'; readonly failure: string };

/** The answer of a turn; `part` counts from 1. */
export function replyKey(turnId: string, part = 1): string {
  return part === 1 ? `reply:${turnId}` : `reply:${turnId}:${part}`;
}

/** What a tool said during the turn; `callId` names the call, so that a repetition is the same reply. */
export function callReplyKey(turnId: string, callId: string): string {
  if (CALL_ID.test(callId)) return `reply:${turnId}:call:${callId}`;
  const message = 'Cannot queue reply: the id of its call is not 1 to 128 letters, digits, or _ . : -';
  throw new DaemonError(message, { code: 'invalid-argument' });
}

/** What people are told about a message that was given up after crashes: once, whatever happens. */
export function noticeKey(envelopeId: EnvelopeId): string {
  return `notice:${envelopeId}`;
}

export interface NewReply {
  readonly turnId: string;
  readonly idempotencyKey: string;
  readonly content: OutgoingContent;
}

/** Nothing happens when its key is known. */
export async function insertReply(
  transaction: Transaction<AgentSchema>,
  { turnId, idempotencyKey, content }: NewReply,
  now: number,
): Promise<void> {
  await transaction
    .insertInto('replies')
    .values({
      idempotency_key: idempotencyKey,
      turn_id: turnId,
      ...routeColumns(content.route),
      content_type: content.contentType,
      content: JSON.stringify(content.content),
      thread_root_id: content.threadRootId,
      reply_to_id: content.replyToId,
      is_visible_to_human: content.isVisibleToHuman ? 1 : 0,
      created_at: now,
      state: 'pending',
      envelope_id: null,
      failure: null,
    })
    .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
    .execute();
}

/** Whether somebody has heard of the turn, or will. */
export async function hasReply(transaction: Transaction<AgentSchema>, turnId: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('replies')
    .select('id')
    .where('turn_id', '=', turnId)
    .where('state', '<>', 'failed')
    .executeTakeFirst();
  return row !== undefined;
}

export async function countReplies(transaction: Transaction<AgentSchema>, turnId: string): Promise<number> {
  const { count } = await transaction
    .selectFrom('replies')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('turn_id', '=', turnId)
    .executeTakeFirstOrThrow();
  return count;
}

/** The oldest ones first. */
export async function listPendingReplies(db: Kysely<AgentSchema>): Promise<readonly PendingReply[]> {
  const rows = await db
    .selectFrom('replies')
    .selectAll()
    .where('state', '=', 'pending')
    .orderBy('id')
    .limit(MAX_PENDING)
    .execute();
  return rows.map(replyOfRow);
}

/** Whether it was pending until now. One that failed takes the answered messages of its turn with it, unless others stand. */
export async function settleReply(
  transaction: Transaction<AgentSchema>,
  { idempotencyKey, result }: { readonly idempotencyKey: string; readonly result: ReplyResult },
  now: number,
): Promise<boolean> {
  const row = await transaction
    .updateTable('replies')
    .set({
      state: result.kind,
      envelope_id: result.kind === 'sent' ? result.envelopeId : null,
      failure: result.kind === 'failed' ? result.failure : null,
    })
    .where('idempotency_key', '=', idempotencyKey)
    .where('state', '=', 'pending')
    .returning('turn_id')
    .executeTakeFirst();
  if (row === undefined) return false;
  if (result.kind === 'sent' || (await hasReply(transaction, row.turn_id))) return true;
  await transaction
    .updateTable('inbox')
    .set({ state: 'failed', failure: result.failure, changed_at: now })
    .where('turn_id', '=', row.turn_id)
    .where('state', '=', 'answered')
    .execute();
  return true;
}

function routeColumns(route: Route) {
  return route.kind === 'channel'
    ? { kind: route.kind, space_id: route.spaceId, channel_id: route.channelId, recipient_slug: null }
    : { kind: route.kind, space_id: null, channel_id: null, recipient_slug: route.recipientSlug };
}

/** What the rows hold was checked before it was written. */
function replyOfRow(row: Selectable<RepliesTable>): PendingReply {
  return {
    idempotencyKey: row.idempotency_key,
    turnId: row.turn_id,
    route:
      row.kind === 'channel'
        ? { kind: 'channel', spaceId: row.space_id as SpaceId, channelId: row.channel_id as ChannelId }
        : { kind: 'dm', recipientSlug: row.recipient_slug as Slug },
    contentType: row.content_type,
    content: readContent(row),
    threadRootId: row.thread_root_id as EnvelopeId | null,
    replyToId: row.reply_to_id as EnvelopeId | null,
    isVisibleToHuman: row.is_visible_to_human === 1,
    createdAt: row.created_at,
  };
}

function readContent({ content, idempotency_key: key }: Selectable<RepliesTable>): JsonValue {
  const result = safeParseJson(content, LIMITS);
  if (result.kind === 'value') return result.value;
  const message = `Cannot read ${key}: its record is damaged; restore the database from a backup`;
  throw new DaemonError(message, { code: 'invalid-file' });
}
