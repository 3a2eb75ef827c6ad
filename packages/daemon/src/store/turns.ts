// The transitions of turns and of the messages in them, each one inside a transaction, each one harmless when it comes twice.
import type { OutgoingContent } from '@puffo/client';
import type { EnvelopeId } from '@puffo/protocol';
import type { Selectable, Transaction } from 'kysely';
import { DaemonError } from '../daemon-error.ts';
import type { AgentSchema, TurnsTable, TurnState } from './agent-schema.ts';
import { leaveContext } from './context-messages.ts';
import { type EngineSessionState, saveSession } from './engine-sessions.ts';
import { entryOfRow, type InboxEntry } from './inbox-row.ts';
import { countReplies, hasReply, insertReply, MAX_REPLIES, replyKey } from './replies.ts';

/** Of one turn. */
const MAX_TURN_MESSAGES = 500;
/** Causes are names; what is longer is the prose of somebody else. */
const MAX_FAILURE_CHARACTERS = 200;

export interface Turn {
  readonly turnId: string;
  readonly conversation: string;
  readonly messages: readonly InboxEntry[];
}

/** What the engine said about the turn. */
export interface TurnReport {
  /** Where the engine goes on with the next turn; absent: where it was. */
  readonly session?: EngineSessionState | undefined;
  readonly tokensIn?: number | undefined;
  readonly tokensOut?: number | undefined;
}

export interface MessageOutcome {
  readonly envelopeId: EnvelopeId;
  /** `deferred`: until the credentials change. */
  readonly state: 'answered' | 'silent' | 'deferred' | 'failed';
  /** Why, of those that were not answered. */
  readonly failure?: string | undefined;
}

export interface Settlement extends TurnReport {
  readonly state: Exclude<TurnState, 'running'>;
  /** One for each message of the turn. */
  readonly outcomes: readonly MessageOutcome[];
  /** To be said, in this order. */
  readonly replies?: readonly OutgoingContent[] | undefined;
}

export interface Release extends TurnReport {
  /** Failed turns that its messages were part of, this one included. */
  readonly attempts: number;
  /** ms */
  readonly notBefore: number;
  readonly failure: string;
}

/** `undefined`: one of them does not wait any more, so the plan is outdated. */
export async function beginTurn(
  transaction: Transaction<AgentSchema>,
  {
    turnId,
    envelopeIds,
    now,
  }: { readonly turnId: string; readonly envelopeIds: readonly EnvelopeId[]; readonly now: number },
): Promise<Turn | undefined> {
  const ids = [...new Set(envelopeIds)];
  if (ids.length === 0 || ids.length > MAX_TURN_MESSAGES) {
    const message = `Cannot begin turn: it has ${ids.length} messages, and 1 to ${MAX_TURN_MESSAGES} can be in one`;
    throw new DaemonError(message, { code: 'invalid-argument' });
  }
  const rows = await transaction
    .selectFrom('inbox')
    .selectAll()
    .where('envelope_id', 'in', ids)
    .where('state', '=', 'waiting')
    .orderBy('seq')
    .orderBy('id')
    .execute();
  const [first] = rows;
  if (first === undefined || rows.length !== ids.length) return undefined;
  const { conversation } = first;
  if (rows.some((row) => row.conversation !== conversation)) {
    const message = 'Cannot begin turn: its messages are of several conversations';
    throw new DaemonError(message, { code: 'invalid-argument' });
  }
  await transaction
    .insertInto('turns')
    .values({ turn_id: turnId, conversation, state: 'running', started_at: now, tokens_in: 0, tokens_out: 0 })
    .execute();
  await transaction
    .updateTable('inbox')
    .set({ state: 'in-turn', turn_id: turnId, changed_at: now })
    .where('envelope_id', 'in', ids)
    .execute();
  const messages = rows.map((row) => entryOfRow({ ...row, state: 'in-turn', turn_id: turnId }));
  return { turnId, conversation, messages };
}

/** `false`: it was over already, and nothing happens. */
export async function settleTurn(
  transaction: Transaction<AgentSchema>,
  { turnId, settlement, now }: { readonly turnId: string; readonly settlement: Settlement; readonly now: number },
): Promise<boolean> {
  if ((await getTurn(transaction, turnId)).state !== 'running') return false;
  const { state, outcomes, replies = [] } = settlement;
  await checkOutcomes(transaction, turnId, outcomes);
  await requireRoom(transaction, turnId, replies.length);
  for (const { envelopeId, state: outcome, failure } of outcomes) {
    const isOver = outcome === 'answered' || outcome === 'silent';
    await transaction
      .updateTable('inbox')
      .set({ state: outcome, changed_at: now, failure: isOver ? null : boundedFailure(failure ?? 'unknown') })
      .where('envelope_id', '=', envelopeId)
      .execute();
  }
  for (const [index, content] of replies.entries()) {
    await insertReply(transaction, { turnId, idempotencyKey: replyKey(turnId, index + 1), content }, now);
  }
  await endTurn(transaction, { turnId, state, outcome: outcomeOf(outcomes), report: settlement, now });
  return true;
}

/** `over`: it was over already, and nothing happens. `answered`: it had said something, and does not say it again. */
export type ReleaseResult = 'waiting' | 'answered' | 'over';

export async function releaseTurn(
  transaction: Transaction<AgentSchema>,
  { turnId, release, now }: { readonly turnId: string; readonly release: Release; readonly now: number },
): Promise<ReleaseResult> {
  if ((await getTurn(transaction, turnId)).state !== 'running') return 'over';
  const { attempts, notBefore, failure } = release;
  const state = failure === 'cancelled' ? 'cancelled' : 'failed';
  if (await hasReply(transaction, turnId)) {
    await markAnswered(transaction, turnId, now);
    await endTurn(transaction, { turnId, state, outcome: 'answered', report: release, now });
    return 'answered';
  }
  await transaction
    .updateTable('inbox')
    .set({ state: 'waiting', attempts, not_before: notBefore, failure: boundedFailure(failure), changed_at: now })
    .where('turn_id', '=', turnId)
    .where('state', '=', 'in-turn')
    .execute();
  await endTurn(transaction, { turnId, state, outcome: 'released', report: release, now });
  return 'waiting';
}

export async function markAnswered(transaction: Transaction<AgentSchema>, turnId: string, now: number): Promise<void> {
  await transaction
    .updateTable('inbox')
    .set({ state: 'answered', failure: null, changed_at: now })
    .where('turn_id', '=', turnId)
    .where('state', '=', 'in-turn')
    .execute();
}

export interface TurnEnd {
  readonly turnId: string;
  readonly state: Exclude<TurnState, 'running'>;
  readonly outcome: string;
  readonly report: TurnReport;
  readonly now: number;
}

export async function endTurn(
  transaction: Transaction<AgentSchema>,
  { turnId, state, outcome, report, now }: TurnEnd,
): Promise<void> {
  await transaction
    .updateTable('turns')
    .set({
      state,
      outcome,
      ended_at: now,
      tokens_in: report.tokensIn ?? 0,
      tokens_out: report.tokensOut ?? 0,
    })
    .where('turn_id', '=', turnId)
    .execute();
  await leaveContext(transaction, { turnId, shownAt: state === 'done' ? now : undefined });
  if (report.session !== undefined) await saveSession(transaction, report.session, now);
}

async function getTurn(transaction: Transaction<AgentSchema>, turnId: string): Promise<Selectable<TurnsTable>> {
  const turn = await transaction.selectFrom('turns').selectAll().where('turn_id', '=', turnId).executeTakeFirst();
  if (turn !== undefined) return turn;
  throw new DaemonError('Cannot go on with turn: no turn has this id', { code: 'not-found' });
}

export async function getRunningTurn(
  transaction: Transaction<AgentSchema>,
  turnId: string,
): Promise<Selectable<TurnsTable>> {
  const turn = await getTurn(transaction, turnId);
  if (turn.state === 'running') return turn;
  throw new DaemonError('Cannot go on with turn: it is over', { code: 'failed' });
}

export async function requireRoom(transaction: Transaction<AgentSchema>, turnId: string, added: number): Promise<void> {
  if (added === 0 || (await countReplies(transaction, turnId)) + added <= MAX_REPLIES) return;
  const message = `Cannot queue reply: a turn may say ${MAX_REPLIES} things at most`;
  throw new DaemonError(message, { code: 'failed' });
}

/** A message without an outcome would wait for a turn that is over. */
async function checkOutcomes(
  transaction: Transaction<AgentSchema>,
  turnId: string,
  outcomes: readonly MessageOutcome[],
): Promise<void> {
  const rows = await transaction
    .selectFrom('inbox')
    .select('envelope_id')
    .where('turn_id', '=', turnId)
    .where('state', '=', 'in-turn')
    .execute();
  const given = new Set<string>(outcomes.map(({ envelopeId }) => envelopeId));
  const isComplete = rows.length === outcomes.length && rows.every((row) => given.has(row.envelope_id));
  if (isComplete) return;
  const message = 'Cannot settle turn: its messages and the outcomes are not the same';
  throw new DaemonError(message, { code: 'invalid-argument' });
}

function outcomeOf(outcomes: readonly MessageOutcome[]): string {
  const states = new Set(outcomes.map(({ state }) => state));
  return (['answered', 'failed', 'deferred'] as const).find((state) => states.has(state)) ?? 'silent';
}

function boundedFailure(failure: string): string {
  return failure.slice(0, MAX_FAILURE_CHARACTERS);
}
