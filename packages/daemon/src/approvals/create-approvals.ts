// Asks the operator before an engine does what it may not do by itself, and knows what they decided: in this run of the agent or in
// any later one. spec: runtimes 5.9
import {
  APPROVAL_DENIALS,
  type ApprovalAnswer,
  approvalClosed,
  approvalExpired,
  type InboxMessage,
  readApprovalAnswer,
} from '@puffo/agent';
import { sleep as sleepInTime } from '@puffo/base';
import { ClientError } from '@puffo/client';
import type { AskPermission } from '@puffo/engine';
import type { Approval } from '../store/approval-row.ts';
import type { ApprovalDecision, ApprovalVerdict } from '../store/approval-decisions.ts';
import type { Turn } from '../store/turns.ts';
import { codeOf, sayToOperator } from '../worker/invite-parts.ts';
import { createWakeablePause } from '../worker/wakeable-pause.ts';
import { type ApprovalParts, OPEN_MS } from './approval-parts.ts';
import { askOperator, type AskingTurn, sendPrompt } from './ask-operator.ts';

/** What is open too long is looked for so often. */
const ROUND_MS = 60 * 60_000;

export interface Approvals extends AsyncDisposable {
  readonly ask: AskPermission;
  /** Questions come from this turn, until it is over. */
  turnStarted(turn: Turn): void;
  turnEnded(): void;
  /** Whether it answers a question: then it is recorded as decided, and no message for the model. */
  interceptAnswer(message: PossibleDecision): Promise<boolean>;
  /** By the operator, at the computer where the agent runs. */
  decide(approvalId: string, answer: ApprovalAnswer): Promise<ApprovalVerdict>;
  /** Once, before the first turn. */
  recover(): Promise<void>;
  /** The agent stops: nobody waits any more, and what is open stays open for its next run. */
  stopAsking(): void;
  /** Ends with it; fails when the agent's database does. */
  readonly ended: Promise<void>;
}

export type PossibleDecision = Pick<
  InboxMessage,
  'envelopeId' | 'conversation' | 'threadRootId' | 'isFromOperator' | 'text'
>;

export function createApprovals(parts: ApprovalParts): Approvals {
  const { store, clock, wake, logger, sleep = sleepInTime } = parts;
  const pause = createWakeablePause(sleep);
  const waiting = new Map<string, () => void>();
  let turn: AskingTurn | undefined;
  let isStopping = false;

  async function keep(): Promise<void> {
    while (!pause.isEnded) {
      for (const approval of await store.expireApprovals(clock() - OPEN_MS)) await tellExpired(approval, parts);
      await pause.wait(ROUND_MS);
    }
  }

  async function decide(decision: ApprovalDecision): Promise<ApprovalVerdict> {
    const verdict = await store.decideApproval(decision);
    if (verdict.kind !== 'decided') return verdict;
    const { approvalId } = verdict.approval;
    logger.info('approval-answered', { approvalId, answer: decision.answer, isLate: !verdict.isWaitedFor });
    const release = waiting.get(approvalId);
    if (release !== undefined) release();
    else {
      // Who waited for it failed.
      if (verdict.isWaitedFor) await store.withdrawApproval(approvalId);
      wake();
    }
    return verdict;
  }

  const ended = keep();
  return {
    async ask(request, signal) {
      try {
        return await askOperator(request, { turn, signal, waiting, isStopping: () => isStopping }, parts);
      } catch (error) {
        logger.error('permission-failed', { error: error instanceof Error ? error.name : typeof error });
        return { kind: 'deny', message: APPROVAL_DENIALS['not-asked'] };
      }
    },
    turnStarted({ turnId, messages }) {
      const last = messages.at(-1);
      if (last === undefined) return;
      turn = { turnId, conversation: last.conversation, threadRootId: last.threadRootId };
    },
    turnEnded() {
      turn = undefined;
    },
    async interceptAnswer({ envelopeId: answerId, conversation, threadRootId: promptId, isFromOperator, text }) {
      if (conversation.kind !== 'dm' || promptId === null || !isFromOperator) return false;
      const answer = readApprovalAnswer(text);
      if (answer === undefined) return false;
      const verdict = await decide({ of: { promptId }, answer, answerId });
      if (verdict.kind === 'unknown') return false;
      if (verdict.kind === 'closed') await tellClosed(verdict.approval, answerId, parts);
      return true;
    },
    decide: (approvalId, answer) => decide({ of: { approvalId }, answer, answerId: undefined }),
    async recover() {
      const unheard = await store.recoverApprovals();
      if (unheard > 0) logger.info('approvals-recovered', { decisions: unheard });
      for (const approval of await store.listOpenApprovals()) {
        // It was recorded, and the process ended before it was asked.
        if (approval.promptId === undefined) await sendAgain(approval, parts);
      }
    },
    stopAsking() {
      isStopping = true;
      for (const release of waiting.values()) release();
    },
    ended,
    async [Symbol.asyncDispose]() {
      pause.end();
      // Its failure is that of `ended`.
      await ended.catch(() => undefined);
    },
  };
}

/** Or with the next run. */
async function sendAgain(approval: Approval, parts: ApprovalParts): Promise<void> {
  try {
    await sendPrompt(approval, parts);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    parts.logger.warn('operator-not-asked', { approvalId: approval.approvalId, code: codeOf(error) });
  }
}

async function tellExpired(approval: Approval, { client, store, logger }: ApprovalParts): Promise<void> {
  const { approvalId, operatorSlug, promptId } = approval;
  logger.info('approval-expired', { approvalId });
  if (promptId !== undefined) {
    const key = `approval-expired:${approvalId}`;
    const saying = { text: approvalExpired(OPEN_MS), operatorSlug, threadRootId: promptId, key };
    await sayToOperator({ client, logger }, saying);
  }
  await store.concludeApproval(approvalId);
}

async function tellClosed(
  { state, operatorSlug, promptId }: Approval,
  answerId: string,
  { client, logger }: ApprovalParts,
): Promise<void> {
  if (state === 'open' || promptId === undefined) return;
  const key = `approval-closed:${answerId}`;
  await sayToOperator({ client, logger }, { text: approvalClosed(state), operatorSlug, threadRootId: promptId, key });
}
