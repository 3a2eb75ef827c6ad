// One question of an engine: known consent, or a row and a direct message, and a bounded wait for the answer. Nothing here allows
// by accident: what goes wrong refuses. spec: runtimes 5.9
import { APPROVAL_DENIALS, approvalPending, approvalQuestion, type Conversation } from '@puffo/agent';
import { createDeferred, encodeBase64url, sleep as sleepInTime } from '@puffo/base';
import { ClientError } from '@puffo/client';
import type { PermissionDecision, PermissionRequest } from '@puffo/engine';
import { type EnvelopeId, isSlug, TEXT_CONTENT_TYPE } from '@puffo/protocol';
import type { Approval, NewApproval } from '../store/approval-row.ts';
import type { ApprovalState } from '../store/agent-schema.ts';
import { codeOf } from '../worker/invite-parts.ts';
import { type ApprovalParts, OPEN_MS } from './approval-parts.ts';
import { callDigest } from './call-digest.ts';

const ID_BYTES = 6;
const MAX_DESCRIPTION_CHARACTERS = 2000;

/** Where the running turn takes place. */
export interface AskingTurn {
  readonly turnId: string;
  readonly conversation: Conversation;
  readonly threadRootId: EnvelopeId | null;
}

export interface Asking {
  /** `undefined`: the engine works outside of turns. */
  readonly turn: AskingTurn | undefined;
  readonly signal: AbortSignal;
  /** Those who wait, by the id of their question; called when it is decided. */
  readonly waiting: Map<string, () => void>;
  /** The agent stops: what is open then stays open for its next run. */
  readonly isStopping: () => boolean;
}

export async function askOperator(
  request: PermissionRequest,
  asking: Asking,
  parts: ApprovalParts,
): Promise<PermissionDecision> {
  const { store, logger } = parts;
  if (asking.signal.aborted) return deny(APPROVAL_DENIALS.withdrawn);
  const approval = newApproval(request, asking, parts);
  if (typeof approval === 'string') return deny(approval);
  const beginning = await store.beginApproval(approval);
  logger.info('permission-requested', { tool: request.toolName, answer: beginning.kind });
  switch (beginning.kind) {
    case 'granted':
      return { kind: 'allow', scope: 'once' };
    case 'refused':
      return deny(APPROVAL_DENIALS.refused);
    case 'pending':
      return deny(approvalPending(OPEN_MS));
    case 'full':
      return deny(APPROVAL_DENIALS['too-many']);
    case 'asking':
      return awaitDecision(beginning.approval, asking, parts);
  }
}

/** A text says why nobody is asked. */
function newApproval({ toolName, input, description }: PermissionRequest, { turn }: Asking, parts: ApprovalParts) {
  const operatorSlug = parts.operatorSlug();
  if (!isSlug(operatorSlug)) return APPROVAL_DENIALS['no-operator'];
  const digest = callDigest(toolName, input);
  if (digest === undefined) return APPROVAL_DENIALS['too-large'];
  const approval: NewApproval = {
    approvalId: `apr_${encodeBase64url(parts.random.bytes(ID_BYTES))}`,
    turnId: turn?.turnId ?? '',
    conversation: turn?.conversation ?? { kind: 'dm', peerSlug: operatorSlug },
    threadRootId: turn?.threadRootId ?? null,
    toolName,
    input,
    digest,
    description: description.slice(0, MAX_DESCRIPTION_CHARACTERS),
    operatorSlug,
  };
  return approval;
}

async function awaitDecision(approval: Approval, asking: Asking, parts: ApprovalParts): Promise<PermissionDecision> {
  const { approvalId } = approval;
  const { signal, waiting, isStopping } = asking;
  const { store, logger } = parts;
  try {
    const end = await awaitEnd(approval, asking, parts);
    if (end === 'unsent') {
      await store.withdrawApproval(approvalId);
      return deny(APPROVAL_DENIALS['not-asked']);
    }
    if (signal.aborted && !isStopping()) {
      await store.withdrawApproval(approvalId);
      return deny(APPROVAL_DENIALS.withdrawn);
    }
    const decision = decisionOf(await store.stopWaiting(approvalId));
    logger.info('permission-decided', { approvalId, decision: decision.kind });
    return decision;
  } finally {
    waiting.delete(approvalId);
  }
}

async function awaitEnd(
  approval: Approval,
  { signal, waiting }: Asking,
  parts: ApprovalParts,
): Promise<'decided' | 'unsent' | 'over'> {
  const { approvalId } = approval;
  const { waitMs, logger, sleep = sleepInTime } = parts;
  const decided = createDeferred<'decided'>();
  const unsent = createDeferred<'unsent'>();
  const timer = new AbortController();
  waiting.set(approvalId, () => decided.resolve('decided'));
  try {
    if (approval.promptId === undefined) await sendPrompt(approval, parts, () => unsent.resolve('unsent'));
    // It rejects when it is called off: the turn is over, or there is a decision.
    const wait = sleep(waitMs, AbortSignal.any([signal, timer.signal])).catch(() => undefined);
    return await Promise.race([decided.promise, unsent.promise, wait.then(() => 'over' as const)]);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    logger.warn('operator-not-asked', { approvalId, code: codeOf(error) });
    return 'unsent';
  } finally {
    timer.abort();
  }
}

/** The same key is the same message: after a crash nobody is asked twice. */
export async function sendPrompt(approval: Approval, parts: ApprovalParts, onUnsent?: () => void): Promise<void> {
  const { approvalId, operatorSlug, toolName, input, description } = approval;
  const { client, store, agentId, displayName, waitMs, logger } = parts;
  const question = { approvalId, agentId, toolName, input, description, waitMs, openMs: OPEN_MS };
  const { envelopeId, sent } = await client.outbox.send({
    route: { kind: 'dm', recipientSlug: operatorSlug },
    contentType: TEXT_CONTENT_TYPE,
    content: approvalQuestion({ ...question, displayName: displayName() }),
    idempotencyKey: `approval:${approvalId}`,
  });
  sent
    .catch((error: unknown) => {
      const code = codeOf(error);
      // It is recorded, and leaves with the next run.
      if (code === 'closed') return;
      logger.warn('operator-not-asked', { approvalId, code });
      onUnsent?.();
      // Nobody can answer it.
      return store.withdrawApproval(approvalId);
    })
    .catch((error: unknown) => {
      logger.error('permission-failed', { error: error instanceof Error ? error.name : typeof error });
    });
  await store.setApprovalPrompt(approvalId, envelopeId);
  logger.info('operator-asked', { approvalId, messageId: envelopeId });
}

function decisionOf(state: ApprovalState): PermissionDecision {
  switch (state) {
    case 'allowed':
    // A wider rule is for the operator to say, not for the engine: the next call with the same arguments is asked here again.
    case 'always':
      return { kind: 'allow', scope: 'once' };
    case 'open':
      return deny(approvalPending(OPEN_MS));
    case 'denied':
    case 'expired':
    case 'withdrawn':
      return deny(APPROVAL_DENIALS.refused);
  }
}

function deny(message: string): PermissionDecision {
  return { kind: 'deny', message };
}
