// `puffo-agent.db`: what one agent has to answer, what it answers just now, and what became of it. Beside the files of 0.7.2,
// which ignores it. spec: daemon-and-cli D-3, D-5, D-15
import { type Clock, encodeBase64url, type JsonValue, type Random } from '@puffo/base';
import type { MailboxStore, OutgoingContent } from '@puffo/client';
import type { EnvelopeId, EventId } from '@puffo/protocol';
import { migrate, openSqlite, type SqliteOptions } from '@puffo/sql';
import { AGENT_MIGRATIONS } from './agent-migrations.ts';
import type { AgentSchema } from './agent-schema.ts';
import { type ApprovalStore, createApprovalStore } from './approvals.ts';
import { type ContextLimits, takeContext, type TakenContext } from './context-messages.ts';
import { forgetSession, loadSession } from './engine-sessions.ts';
import { forgetOld } from './forget-old.ts';
import {
  findEntry,
  type InboxLoad,
  type InboxStatus,
  listWaiting,
  readLoad,
  readStatus,
  requeue,
} from './inbox-queries.ts';
import type { Arrival, InboxEntry } from './inbox-row.ts';
import {
  addInvitePrompt,
  closeInvitePrompt,
  decideInvite,
  type InviteAnswer,
  type InvitePrompt,
  listInvitePrompts,
  type NewInvitePrompt,
} from './invite-prompts.ts';
import { makePrivateDatabase } from './make-private-database.ts';
import { addNotice, type NewNotice } from './notices.ts';
import {
  createAgentMailboxStore,
  recordArrivals,
  recordUnreadable,
  type UnreadableArrival,
} from './record-arrivals.ts';
import { type RecoverOptions, type Recovery, recoverTurns } from './recover-turns.ts';
import {
  callReplyKey,
  insertReply,
  listPendingReplies,
  type PendingReply,
  type ReplyResult,
  settleReply,
} from './replies.ts';
import { createToolStore, type ToolStore } from './tool-store.ts';
import {
  beginTurn,
  getRunningTurn,
  type Release,
  type ReleaseResult,
  releaseTurn,
  requireRoom,
  type Settlement,
  settleTurn,
  type Turn,
} from './turns.ts';

const TURN_ID_BYTES = 16;

/**
 * Every change is one transaction. It is on disk when it resolves, but for the beginning of a turn and its context: they are there
 * when the process ends, and when the machine does, the turn has never begun.
 */
export interface AgentStore extends AsyncDisposable, ToolStore, ApprovalStore {
  /** What the mailbox asks: everything that was recorded may be acknowledged, and is not taken again. */
  readonly mailbox: MailboxStore;
  /** Returns the ids that were new. A second message with the replay key of another is recorded as unreadable. */
  record(arrivals: readonly Arrival[]): Promise<readonly EnvelopeId[]>;
  recordUnreadable(arrivals: readonly UnreadableArrival[]): Promise<void>;
  find(envelopeId: EnvelopeId): Promise<InboxEntry | undefined>;
  /** For a plan: what may run now comes first. */
  listWaiting(): Promise<readonly InboxEntry[]>;
  /** `undefined`: one of the messages does not wait any more. They are of one conversation. */
  beginTurn(envelopeIds: readonly EnvelopeId[]): Promise<Turn | undefined>;
  /** Of the turn's conversation; counts as shown when the turn is settled as done. */
  takeContext(turnId: string, limits: ContextLimits): Promise<TakenContext>;
  /** What a tool says during the turn. Returns its idempotency key; the same call again is the same reply. */
  queueReply(turnId: string, reply: CallReply): Promise<string>;
  /** Its messages, its replies and its cost, at once. `false`: it was over already. */
  settleTurn(turnId: string, settlement: Settlement): Promise<boolean>;
  /** Its messages wait again, unless it had said something. */
  releaseTurn(turnId: string, release: Release): Promise<ReleaseResult>;
  /** Once, before the first turn of a process. */
  recover(options: Pick<RecoverOptions, 'maxAttempts' | 'noticeOf'>): Promise<Recovery>;
  /** Where this engine goes on; `undefined`: from the start. */
  loadSession(engine: string): Promise<JsonValue | undefined>;
  forgetSession(engine: string): Promise<void>;
  /** To be sent through the outbox under their keys, the oldest first. */
  listPendingReplies(): Promise<readonly PendingReply[]>;
  /** `false`: it was not pending any more. */
  settleReply(idempotencyKey: string, result: ReplyResult): Promise<boolean>;
  /** That the operator was asked. Nothing happens when that is known. */
  addInvitePrompt(prompt: NewInvitePrompt): Promise<void>;
  /** Those that are not done, the oldest first. */
  listInvitePrompts(): Promise<readonly InvitePrompt[]>;
  /** The first answer holds, and is known again when it comes again. `false`: another one was first, or nobody asked. */
  decideInvite(answer: InviteAnswer): Promise<boolean>;
  /** Done, or gone. */
  closeInvitePrompt(eventId: EventId): Promise<void>;
  /** A message of the daemon itself, which starts a turn. `false`: it was there already. */
  addNotice(notice: NewNotice): Promise<boolean>;
  /** When credentials have changed. Returns how many wait again. */
  resumeDeferred(): Promise<number>;
  /** Returns how many wait again. */
  retryFailed(envelopeIds: readonly EnvelopeId[]): Promise<number>;
  /**
   * Removes what was said in messages that are over and came before `receivedBefore` (ms), and in replies of that time; that
   * they were there stays known. At most 1000 at once; returns how many messages.
   */
  forgetOld(receivedBefore: number): Promise<number>;
  /** `since`: ms, the start of the day. */
  readStatus(since: number): Promise<InboxStatus>;
  /** As `readStatus`, for every few seconds. */
  readLoad(since: number): Promise<InboxLoad>;
}

export interface CallReply {
  readonly callId: string;
  readonly content: OutgoingContent;
}

export interface AgentStoreOptions extends SqliteOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** Makes the file and its folder when there are none. One process writes it. */
export async function openAgentStore(
  path: string,
  { clock, random, ...sqlite }: AgentStoreOptions,
): Promise<AgentStore> {
  const database = await openSqlite<AgentSchema>(await makePrivateDatabase(path), sqlite);
  const { db } = database;
  try {
    await migrate(db, AGENT_MIGRATIONS);
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  let closing: PromiseLike<void> | undefined;
  return {
    ...createToolStore({ database, clock, random }),
    ...createApprovalStore(database, clock),
    mailbox: createAgentMailboxStore(db),
    record: (arrivals) => database.write((transaction) => recordArrivals(transaction, arrivals, clock())),
    recordUnreadable: (arrivals) => database.write((transaction) => recordUnreadable(transaction, arrivals, clock())),
    find: (envelopeId) => findEntry(db, envelopeId),
    listWaiting: () => listWaiting(db, clock()),
    beginTurn(envelopeIds) {
      const turnId = `turn_${encodeBase64url(random.bytes(TURN_ID_BYTES))}`;
      const work = { turnId, envelopeIds, now: clock() };
      return database.write((transaction) => beginTurn(transaction, work), { waitsForDisk: false });
    },
    takeContext: (turnId, limits) =>
      database.write(
        async (transaction) => {
          const { conversation } = await getRunningTurn(transaction, turnId);
          return takeContext(transaction, { turnId, conversation, limits, now: clock() });
        },
        { waitsForDisk: false },
      ),
    async queueReply(turnId, { callId, content }) {
      const idempotencyKey = callReplyKey(turnId, callId);
      await database.write(async (transaction) => {
        await getRunningTurn(transaction, turnId);
        await requireRoom(transaction, turnId, 1);
        await insertReply(transaction, { turnId, idempotencyKey, content }, clock());
      });
      return idempotencyKey;
    },
    settleTurn: (turnId, settlement) =>
      database.write((transaction) => settleTurn(transaction, { turnId, settlement, now: clock() })),
    releaseTurn: (turnId, release) =>
      database.write((transaction) => releaseTurn(transaction, { turnId, release, now: clock() })),
    recover: (options) => database.write((transaction) => recoverTurns(transaction, { ...options, now: clock() })),
    loadSession: (engine) => loadSession(db, engine),
    forgetSession: (engine) => database.write((transaction) => forgetSession(transaction, engine)),
    listPendingReplies: () => listPendingReplies(db),
    settleReply: (idempotencyKey, result) =>
      database.write((transaction) => settleReply(transaction, { idempotencyKey, result }, clock())),
    addInvitePrompt: (prompt) => database.write((transaction) => addInvitePrompt(transaction, prompt, clock())),
    listInvitePrompts: () => listInvitePrompts(db),
    decideInvite: (answer) => database.write((transaction) => decideInvite(transaction, answer, clock())),
    closeInvitePrompt: (eventId) => database.write((transaction) => closeInvitePrompt(transaction, eventId, clock())),
    addNotice: (notice) => database.write((transaction) => addNotice(transaction, notice, clock())),
    resumeDeferred: () => database.write((transaction) => requeue(transaction, { state: 'deferred', now: clock() })),
    retryFailed: (envelopeIds) =>
      database.write((transaction) => requeue(transaction, { state: 'failed', envelopeIds, now: clock() })),
    forgetOld: (receivedBefore) =>
      database.write((transaction) => forgetOld(transaction, { receivedBefore, now: clock() })),
    readStatus: (since) => readStatus(db, since),
    readLoad: (since) => readLoad(db, since),
    [Symbol.asyncDispose]: () => (closing ??= database[Symbol.asyncDispose]()),
  };
}
