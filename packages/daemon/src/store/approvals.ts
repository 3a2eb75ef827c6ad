// Questions to the operator whether a tool may be used: rows, so that they outlive turns and processes. spec: runtimes 5.9
import type { Clock } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { Kysely, Transaction } from 'kysely';
import type { AgentSchema, ApprovalState } from './agent-schema.ts';
import { type ApprovalDecision, type ApprovalVerdict, concludeLate, decideApproval } from './approval-decisions.ts';
import { type Approval, approvalOfRow, type NewApproval, rowOfApproval } from './approval-row.ts';

/** Of one agent. */
const MAX_OPEN_APPROVALS = 20;
/** Of one answer. */
const MAX_LISTED = 200;
/** A consent that nobody used is none any more. */
const GRANT_MS = 24 * 60 * 60 * 1000;
/** What is over is forgotten after so long, the arguments with it. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;

export type ApprovalBeginning =
  /** Consent was given before; one for a single time is used up now. */
  | { readonly kind: 'granted' }
  /** The operator refused just this in the same turn. */
  | { readonly kind: 'refused' }
  /** The same turn asked this before, and waited long enough. */
  | { readonly kind: 'pending' }
  /** As many are open as there may be. */
  | { readonly kind: 'full' }
  /** Somebody is to be asked, unless it has a prompt: then somebody was. */
  | { readonly kind: 'asking'; readonly approval: Approval };

export interface ApprovalRule {
  /** Where it was decided. */
  readonly approvalId: string;
  readonly approval: Approval;
  /** ms */
  readonly since: number;
}

export interface ApprovalStore {
  /** Before anybody is asked. From `asking` on somebody waits for the decision. */
  beginApproval(approval: NewApproval): Promise<ApprovalBeginning>;
  setApprovalPrompt(approvalId: string, promptId: EnvelopeId): Promise<void>;
  decideApproval(decision: ApprovalDecision): Promise<ApprovalVerdict>;
  /** Nobody waits any more; what was decided until now is what the engine hears. */
  stopWaiting(approvalId: string): Promise<ApprovalState>;
  /** The turn is over. What was decided in this very moment becomes a late decision. */
  withdrawApproval(approvalId: string): Promise<void>;
  /** Once, before the first turn of a process. Returns how many decisions nobody had heard of. */
  recoverApprovals(): Promise<number>;
  /** What was asked before `askedBefore` (ms) and is open is closed. Returns those whose operator is to be told. */
  expireApprovals(askedBefore: number): Promise<readonly Approval[]>;
  /** The operator was told. */
  concludeApproval(approvalId: string): Promise<void>;
  /** The oldest first. */
  listOpenApprovals(): Promise<readonly Approval[]>;
  findApproval(approvalId: string): Promise<Approval | undefined>;
  /** What is allowed for ever. */
  listApprovalRules(): Promise<readonly ApprovalRule[]>;
  /** `false`: there is no rule from this question. */
  revokeApprovalRule(approvalId: string): Promise<boolean>;
}

export function createApprovalStore(database: Database<AgentSchema>, clock: Clock): ApprovalStore {
  const { db } = database;
  return {
    beginApproval: (approval) => database.write((transaction) => beginApproval(transaction, approval, clock())),
    async setApprovalPrompt(approvalId, promptId) {
      await database.write((transaction) =>
        transaction
          .updateTable('approvals')
          .set({ prompt_id: promptId })
          .where('approval_id', '=', approvalId)
          .execute(),
      );
    },
    decideApproval: (decision) => database.write((transaction) => decideApproval(transaction, decision, clock())),
    stopWaiting: (approvalId) => database.write((transaction) => stopWaiting(transaction, approvalId)),
    withdrawApproval: (approvalId) => database.write((transaction) => withdraw(transaction, approvalId, clock())),
    recoverApprovals: () => database.write((transaction) => recover(transaction, clock())),
    expireApprovals: (askedBefore) => database.write((transaction) => expire(transaction, askedBefore, clock())),
    async concludeApproval(approvalId) {
      await database.write((transaction) =>
        transaction.updateTable('approvals').set({ is_concluded: 1 }).where('approval_id', '=', approvalId).execute(),
      );
    },
    listOpenApprovals: () => listOpenApprovals(db),
    findApproval: (approvalId) => findApproval(db, approvalId),
    listApprovalRules: () => listApprovalRules(db),
    revokeApprovalRule: (approvalId) =>
      database.write(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('approval_grants')
          .where('approval_id', '=', approvalId)
          .executeTakeFirstOrThrow();
        return numDeletedRows > 0n;
      }),
  };
}

export async function listOpenApprovals(db: Kysely<AgentSchema>): Promise<readonly Approval[]> {
  const rows = await db
    .selectFrom('approvals')
    .selectAll()
    .where('state', '=', 'open')
    .orderBy('created_at')
    .limit(MAX_LISTED)
    .execute();
  return rows.map(approvalOfRow);
}

export async function findApproval(db: Kysely<AgentSchema>, approvalId: string): Promise<Approval | undefined> {
  const row = await db.selectFrom('approvals').selectAll().where('approval_id', '=', approvalId).executeTakeFirst();
  return row === undefined ? undefined : approvalOfRow(row);
}

export async function listApprovalRules(db: Kysely<AgentSchema>): Promise<readonly ApprovalRule[]> {
  const grants = await db
    .selectFrom('approval_grants')
    .selectAll()
    .where('scope', '=', 'always')
    .orderBy('created_at')
    .limit(MAX_LISTED)
    .execute();
  const rules: ApprovalRule[] = [];
  for (const { approval_id: approvalId, created_at: since } of grants) {
    const approval = await findApproval(db, approvalId);
    if (approval !== undefined) rules.push({ approvalId, approval, since });
  }
  return rules;
}

async function beginApproval(
  transaction: Transaction<AgentSchema>,
  approval: NewApproval,
  now: number,
): Promise<ApprovalBeginning> {
  const { digest, turnId, threadRootId } = approval;
  if (await takeGrant(transaction, digest, now)) return { kind: 'granted' };
  const earlier = await transaction
    .selectFrom('approvals')
    .selectAll()
    .where('digest', '=', digest)
    .where('state', 'in', ['open', 'denied'])
    .where('is_waited_for', '=', 0)
    .orderBy('created_at', 'desc')
    .limit(MAX_LISTED)
    .execute();
  const own = turnId === '' ? undefined : earlier.find((row) => row.turn_id === turnId);
  if (own !== undefined) return { kind: own.state === 'denied' ? 'refused' : 'pending' };
  const { conversation, ...others } = rowOfApproval(approval, now);
  const same = earlier.find((row) => row.state === 'open' && row.conversation === conversation);
  if (same !== undefined) {
    const changes = { turn_id: turnId, thread_root_id: threadRootId, is_waited_for: 1 };
    await transaction.updateTable('approvals').set(changes).where('approval_id', '=', same.approval_id).execute();
    return { kind: 'asking', approval: approvalOfRow({ ...same, ...changes }) };
  }
  const { open } = await transaction
    .selectFrom('approvals')
    .select(({ fn }) => fn.countAll<number>().as('open'))
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  if (open >= MAX_OPEN_APPROVALS) return { kind: 'full' };
  await transaction
    .insertInto('approvals')
    .values({ ...others, conversation })
    .execute();
  return { kind: 'asking', approval: { ...approval, state: 'open', promptId: undefined, createdAt: now } };
}

/** One for ever before one for a single time, which stays for later. */
async function takeGrant(transaction: Transaction<AgentSchema>, digest: string, now: number): Promise<boolean> {
  const grants = await transaction
    .selectFrom('approval_grants')
    .selectAll()
    .where('digest', '=', digest)
    .orderBy('created_at')
    .execute();
  if (grants.some(({ scope }) => scope === 'always')) return true;
  const grant = grants.find(({ created_at: since }) => now - since <= GRANT_MS);
  if (grant === undefined) return false;
  await transaction.deleteFrom('approval_grants').where('approval_id', '=', grant.approval_id).execute();
  return true;
}

async function stopWaiting(transaction: Transaction<AgentSchema>, approvalId: string): Promise<ApprovalState> {
  const row = await transaction
    .updateTable('approvals')
    .set(({ eb, ref }) => ({
      is_waited_for: 0,
      is_concluded: eb.case().when('state', '=', 'open').then(ref('is_concluded')).else(1).end(),
    }))
    .where('approval_id', '=', approvalId)
    .returning('state')
    .executeTakeFirstOrThrow();
  return row.state;
}

async function withdraw(transaction: Transaction<AgentSchema>, approvalId: string, now: number): Promise<void> {
  const row = await transaction
    .selectFrom('approvals')
    .selectAll()
    .where('approval_id', '=', approvalId)
    .executeTakeFirstOrThrow();
  await transaction
    .updateTable('approvals')
    .set({ is_waited_for: 0, ...(row.state === 'open' ? { state: 'withdrawn', changed_at: now } : {}) })
    .where('approval_id', '=', approvalId)
    .execute();
  await concludeLate(transaction, row, now);
}

async function recover(transaction: Transaction<AgentSchema>, now: number): Promise<number> {
  const rows = await transaction.selectFrom('approvals').selectAll().where('is_waited_for', '=', 1).execute();
  await transaction.updateTable('approvals').set({ is_waited_for: 0 }).where('is_waited_for', '=', 1).execute();
  const unheard = rows.filter((row) => row.state !== 'open' && row.is_concluded === 0);
  for (const row of unheard) await concludeLate(transaction, row, now);
  return unheard.length;
}

async function expire(
  transaction: Transaction<AgentSchema>,
  askedBefore: number,
  now: number,
): Promise<readonly Approval[]> {
  await transaction
    .updateTable('approvals')
    .set({ state: 'expired', changed_at: now })
    .where('state', '=', 'open')
    .where('is_waited_for', '=', 0)
    .where('created_at', '<', askedBefore)
    .execute();
  await transaction
    .deleteFrom('approval_grants')
    .where('scope', '=', 'once')
    .where('created_at', '<', now - GRANT_MS)
    .execute();
  await transaction
    .deleteFrom('approvals')
    .where('state', '<>', 'open')
    .where('changed_at', '<', now - KEPT_MS)
    .where('approval_id', 'not in', ({ selectFrom }) => selectFrom('approval_grants').select('approval_id'))
    .execute();
  const rows = await transaction
    .selectFrom('approvals')
    .selectAll()
    .where('state', '=', 'expired')
    .where('is_concluded', '=', 0)
    .limit(MAX_LISTED)
    .execute();
  return rows.map(approvalOfRow);
}
