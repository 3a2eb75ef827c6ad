// What the agent's engine called, and what it was told: the same call again has the same outcome, and what was said in an earlier
// attempt of a turn is not said twice. spec: mcp-tools 3.5, 8.3
import type { Clock } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AgentSchema, ToolCallsTable } from './agent-schema.ts';

const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_LISTED = 500;
/** Of one clean-up. */
const MAX_FORGOTTEN = 500;

export interface NewToolCall {
  /** The same for the same call. */
  readonly callKey: string;
  readonly tool: string;
  readonly kind: 'speak' | 'read' | 'self';
  readonly turnId: string | undefined;
  /** The first message of the turn. */
  readonly triggerId: EnvelopeId | undefined;
  readonly inputDigest: string;
  /** ms */
  readonly startedAt: number;
}

export interface ToolCallOutcome {
  readonly isError: boolean;
  /** Of errors, and of what is still on its way. */
  readonly code: string | undefined;
  readonly text: string;
  /** Of what was said. */
  readonly envelopeId: EnvelopeId | undefined;
  /** Of what was said, and where. */
  readonly speechDigest: string | undefined;
}

export interface ToolCallRecord extends NewToolCall {
  /** `undefined`: it runs, or its process ended. */
  readonly outcome: ToolCallOutcome | undefined;
}

export interface ToolCallStore {
  /** Nothing happens when it is known. */
  beginToolCall(call: NewToolCall): Promise<void>;
  /** Also of a call that was not begun. */
  endToolCall(call: NewToolCall, outcome: ToolCallOutcome): Promise<void>;
  /** Of the last day. */
  findToolCall(callKey: string): Promise<ToolCallRecord | undefined>;
  /** Of the last day, the newest first. */
  listToolCalls(limit: number): Promise<readonly ToolCallRecord[]>;
  /** What was said in earlier attempts to answer these messages, the oldest first. */
  listEarlierSends(sends: EarlierSends): Promise<readonly ToolCallRecord[]>;
}

export function createToolCallStore(database: Database<AgentSchema>, clock: Clock): ToolCallStore {
  const { db } = database;
  return {
    beginToolCall: (call) => database.write((transaction) => beginToolCall(transaction, call)),
    endToolCall: (call, outcome) =>
      database.write((transaction) => endToolCall(transaction, { call, outcome, now: clock() }), {
        // What was looked up can be looked up again.
        waitsForDisk: call.kind !== 'read',
      }),
    findToolCall: (callKey) => findToolCall(db, callKey),
    listToolCalls: (limit) => listToolCalls(db, limit),
    listEarlierSends: (sends) => listEarlierSends(db, sends),
  };
}

async function beginToolCall(transaction: Transaction<AgentSchema>, call: NewToolCall): Promise<void> {
  await transaction
    .insertInto('tool_calls')
    .values({ ...columnsOf(call), ...NO_OUTCOME })
    .onConflict((conflict) => conflict.column('call_key').doNothing())
    .execute();
}

/** Forgets those of yesterday. */
async function endToolCall(
  transaction: Transaction<AgentSchema>,
  { call, outcome, now }: { readonly call: NewToolCall; readonly outcome: ToolCallOutcome; readonly now: number },
): Promise<void> {
  const ending = {
    speech_digest: outcome.speechDigest ?? null,
    ended_at: now,
    is_error: outcome.isError ? 1 : 0,
    code: outcome.code ?? null,
    text: outcome.text,
    envelope_id: outcome.envelopeId ?? null,
  };
  await transaction
    .insertInto('tool_calls')
    .values({ ...columnsOf(call), ...ending })
    .onConflict((conflict) => conflict.column('call_key').doUpdateSet(ending))
    .execute();
  await transaction
    .deleteFrom('tool_calls')
    .where('call_key', 'in', ({ selectFrom }) =>
      selectFrom('tool_calls')
        .select('call_key')
        .where('started_at', '<', now - KEPT_MS)
        .limit(MAX_FORGOTTEN),
    )
    .execute();
}

async function findToolCall(db: Kysely<AgentSchema>, callKey: string): Promise<ToolCallRecord | undefined> {
  const row = await db.selectFrom('tool_calls').selectAll().where('call_key', '=', callKey).executeTakeFirst();
  return row === undefined ? undefined : recordOfRow(row);
}

async function listToolCalls(db: Kysely<AgentSchema>, limit: number): Promise<readonly ToolCallRecord[]> {
  const rows = await db
    .selectFrom('tool_calls')
    .selectAll()
    .orderBy('started_at', 'desc')
    .limit(Math.min(limit, MAX_LISTED))
    .execute();
  return rows.map(recordOfRow);
}

export interface EarlierSends {
  /** Those of the turn. */
  readonly messageIds: readonly EnvelopeId[];
  readonly exceptTurnId: string;
}

async function listEarlierSends(
  db: Kysely<AgentSchema>,
  { messageIds, exceptTurnId }: EarlierSends,
): Promise<readonly ToolCallRecord[]> {
  if (messageIds.length === 0) return [];
  const rows = await db
    .selectFrom('tool_calls')
    .selectAll()
    .where('trigger_id', 'in', messageIds)
    .where('turn_id', '<>', exceptTurnId)
    .where('speech_digest', 'is not', null)
    .where('is_error', '=', 0)
    .orderBy('started_at')
    .limit(MAX_LISTED)
    .execute();
  return rows.map(recordOfRow);
}

const NO_OUTCOME = { speech_digest: null, ended_at: null, is_error: null, code: null, text: null, envelope_id: null };

function columnsOf({ callKey, tool, kind, turnId, triggerId, inputDigest, startedAt }: NewToolCall) {
  return {
    call_key: callKey,
    tool,
    kind,
    turn_id: turnId ?? null,
    trigger_id: triggerId ?? null,
    input_digest: inputDigest,
    started_at: startedAt,
  };
}

/** What the rows hold was checked before it was written. */
function recordOfRow(row: Selectable<ToolCallsTable>): ToolCallRecord {
  const { ended_at: endedAt, text } = row;
  return {
    callKey: row.call_key,
    tool: row.tool,
    kind: row.kind,
    turnId: row.turn_id ?? undefined,
    triggerId: row.trigger_id === null ? undefined : (row.trigger_id as EnvelopeId),
    inputDigest: row.input_digest,
    startedAt: row.started_at,
    outcome:
      endedAt === null || text === null
        ? undefined
        : {
            isError: row.is_error === 1,
            code: row.code ?? undefined,
            text,
            envelopeId: row.envelope_id === null ? undefined : (row.envelope_id as EnvelopeId),
            speechDigest: row.speech_digest ?? undefined,
          },
  };
}
