// An agent with an operator who reads along, and the part of its worker that asks for consent, on a store that can be opened anew.
import { type JsonObject, seededRandom } from '@puffo/base';
import type { PermissionDecision } from '@puffo/engine';
import { createEnvelopeId, type VerifiedMessage } from '@puffo/protocol';
import { type TestUser, waitFor } from '@puffo/testbed';
import type { ApprovalParts } from '../../src/approvals/approval-parts.ts';
import { type Approvals, createApprovals, type PossibleDecision } from '../../src/approvals/create-approvals.ts';
import { createManualSleep, type ManualSleep } from '../kit/manual-sleep.ts';
import { createRecordingLogger, type RecordingLogger } from '../kit/recording-logger.ts';
import { arrivalOf, openStore, type TestStore } from '../store/kit.ts';

export const WAIT_MS = 300_000;
export const CALL: JsonObject = { command: 'rm -rf build' };
const random = seededRandom(5);

export interface RunningApprovals extends AsyncDisposable {
  readonly approvals: Approvals;
  readonly time: ManualSleep;
  readonly logger: RecordingLogger;
  /** In the turn that runs. */
  ask(input?: JsonObject, signal?: AbortSignal): Promise<PermissionDecision>;
  wakes(): number;
}

export interface AskingAgent extends AsyncDisposable {
  readonly kept: TestStore;
  readonly agent: TestUser;
  /** As a worker does when it starts. A turn runs, of this number. */
  start(turn?: number, changes?: Partial<ApprovalParts>): Promise<RunningApprovals>;
  /** What the agent said to its operator. */
  said(): readonly VerifiedMessage[];
  waitForWords(count: number): Promise<readonly VerifiedMessage[]>;
  /** By the operator, in the thread of the first question. */
  answer(approvals: Approvals, text: string, changes?: Partial<PossibleDecision>): Promise<boolean>;
  /** What the model is told, in the order in which it came up. */
  notices(): Promise<readonly string[]>;
}

/** The operator listens. */
export async function createAskingAgent(operator: TestUser): Promise<AskingAgent> {
  const agent = await operator.registerAgent('helper');
  const kept = await openStore();

  async function start(turn = 1, changes: Partial<ApprovalParts> = {}): Promise<RunningApprovals> {
    const time = createManualSleep();
    const logger = createRecordingLogger();
    let wakes = 0;
    const approvals = createApprovals({
      client: agent.client,
      store: kept.store,
      agentId: 'helper',
      displayName: () => 'Helper',
      operatorSlug: () => operator.slug,
      waitMs: WAIT_MS,
      clock: () => kept.clock.now,
      random,
      wake: () => wakes++,
      logger,
      sleep: time.sleep,
      ...changes,
    });
    await approvals.recover();
    const { message } = arrivalOf(turn);
    const entry = { ...message, attachments: [], receivedAt: 0, state: 'in-turn', band: 1, attempts: 0, notBefore: 0 };
    const rest = { failure: undefined, turnId: `turn_${turn}` };
    approvals.turnStarted({
      turnId: `turn_${turn}`,
      conversation: 'channel',
      messages: [{ ...entry, ...rest } as never],
    });
    const ask = ((input = CALL, signal = new AbortController().signal) =>
      approvals.ask({ requestId: 'r', toolName: 'Bash', input, description: '' }, signal)) as RunningApprovals['ask'];
    return {
      approvals,
      time,
      logger,
      ask,
      wakes: () => wakes,
      [Symbol.asyncDispose]: () => approvals[Symbol.asyncDispose](),
    };
  }

  function said(): readonly VerifiedMessage[] {
    return operator.inbox.messages.filter(({ senderSlug }) => senderSlug === agent.slug);
  }

  return {
    kept,
    agent,
    start,
    said,
    async waitForWords(count) {
      await waitFor(() => said().length >= count, `${count} messages to the operator`);
      return said();
    },
    answer: (approvals, text, changes = {}) =>
      approvals.interceptAnswer({
        envelopeId: createEnvelopeId(random),
        conversation: { kind: 'dm', peerSlug: operator.slug },
        threadRootId: said()[0]?.envelopeId ?? null,
        isFromOperator: true,
        text,
        ...changes,
      }),
    async notices() {
      const waiting = await kept.store.listWaiting();
      return waiting.filter(({ senderType }) => senderType === 'system').map(({ text }) => text);
    },
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}
