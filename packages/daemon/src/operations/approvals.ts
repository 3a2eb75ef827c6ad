// Questions of agents to their operator, seen and answered at the computer where they run. spec: runtimes 5.9
import type { ApprovalAnswer } from '@puffo/agent';
import { type JsonValue, systemRandom } from '@puffo/base';
import { openSqliteReader, SqlError } from '@puffo/sql';
import { DaemonError } from '../daemon-error.ts';
import type { AgentPaths } from '../home/home.ts';
import { isFile, listAgentIds } from '../home/list-agents.ts';
import { OPEN_MS } from '../approvals/approval-parts.ts';
import type { AgentSchema, ApprovalState } from '../store/agent-schema.ts';
import { openAgentStore } from '../store/agent-store.ts';
import type { ApprovalVerdict } from '../store/approval-decisions.ts';
import type { Approval } from '../store/approval-row.ts';
import { type ApprovalStore, findApproval, listApprovalRules, listOpenApprovals } from '../store/approvals.ts';
import { type OperationContext, requireAgent } from './context.ts';

/** `revoke`: what was allowed for ever is asked about again. */
export type ApprovalChange = ApprovalAnswer | 'revoke';

export interface ApprovalChanging {
  /** Of the agent. */
  readonly id: string;
  readonly approvalId: string;
  readonly change: ApprovalChange;
}

export interface ApprovalOutcome {
  /** `closed`: it was decided before, or is over, and nothing has changed. */
  readonly kind: 'decided' | 'revoked' | 'closed' | 'unknown';
  /** Of the question, by now. */
  readonly state: ApprovalState | undefined;
}

export interface ListedApproval {
  readonly agentId: string;
  readonly approvalId: string;
  readonly state: ApprovalState;
  readonly toolName: string;
  /** The exact arguments. */
  readonly input: JsonValue;
  readonly description: string;
  readonly operatorSlug: string;
  /** ms */
  readonly askedAt: number;
  /** ms; of an open one. */
  readonly closesAt: number | undefined;
}

export interface ApprovalList {
  readonly open: readonly ListedApproval[];
  /** What is allowed for ever. */
  readonly rules: readonly ListedApproval[];
}

/** Of all agents, those of one agent by age. Changes nothing in their files. */
export async function listApprovals({ home }: Pick<OperationContext, 'home'>): Promise<ApprovalList> {
  const open: ListedApproval[] = [];
  const rules: ListedApproval[] = [];
  for (const id of await listAgentIds(home)) {
    await readFileOf(home.agent(id), async (db) => {
      for (const approval of await listOpenApprovals(db)) open.push(listed(id, approval));
      for (const { approval } of await listApprovalRules(db)) rules.push(listed(id, approval));
    });
  }
  return { open, rules };
}

/** Whichever agent it is of. */
export async function showApproval({ home }: OperationContext, approvalId: string): Promise<ListedApproval> {
  for (const id of await listAgentIds(home)) {
    const found = await readFileOf(home.agent(id), (db) => findApproval(db, approvalId));
    if (found !== undefined) return listed(id, found);
  }
  throw new DaemonError(`question '${approvalId}' not found; see puffo-agent approvals`, { code: 'not-found' });
}

/** On the agent's file: for an agent that does not live. */
export async function changeApproval(
  context: OperationContext,
  { id, approvalId, change }: ApprovalChanging,
): Promise<ApprovalOutcome> {
  const { storeFile } = await requireAgent(context, id);
  if (!(await isFile(storeFile))) return { kind: 'unknown', state: undefined };
  await using store = await openAgentStore(storeFile, { clock: context.now, random: systemRandom });
  if (change === 'revoke') return await revokeRule(store, approvalId);
  return outcomeOf(await store.decideApproval({ of: { approvalId }, answer: change, answerId: undefined }));
}

export async function revokeRule(
  store: Pick<ApprovalStore, 'revokeApprovalRule' | 'findApproval'>,
  approvalId: string,
): Promise<ApprovalOutcome> {
  const isRevoked = await store.revokeApprovalRule(approvalId);
  const state = (await store.findApproval(approvalId))?.state;
  if (isRevoked) return { kind: 'revoked', state };
  return { kind: state === undefined ? 'unknown' : 'closed', state };
}

export function outcomeOf(verdict: ApprovalVerdict): ApprovalOutcome {
  if (verdict.kind === 'unknown') return { kind: 'unknown', state: undefined };
  return { kind: verdict.kind === 'closed' ? 'closed' : 'decided', state: verdict.approval.state };
}

type Reader = ReturnType<typeof openSqliteReader<AgentSchema>>['db'];

/** `undefined`: there is no file. */
async function readFileOf<Result>(
  { storeFile }: AgentPaths,
  read: (db: Reader) => Promise<Result>,
): Promise<Result | undefined> {
  if (!(await isFile(storeFile))) return undefined;
  await using reader = openSqliteReader<AgentSchema>(storeFile);
  try {
    return await read(reader.db);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new DaemonError(error.message, { code: 'failed', cause: error });
  }
}

function listed(agentId: string, approval: Approval): ListedApproval {
  const { approvalId, state, toolName, input, description, operatorSlug, createdAt } = approval;
  const closesAt = state === 'open' ? createdAt + OPEN_MS : undefined;
  return {
    agentId,
    approvalId,
    state,
    toolName,
    input,
    description,
    operatorSlug,
    askedAt: createdAt,
    closesAt,
  };
}
