// An agent with an operator who reads along, and somebody else who invites it.
import { seededRandom } from '@puffo/base';
import { createEnvelopeId, type SpaceId, type VerifiedMessage } from '@puffo/protocol';
import { type TestUser, waitFor } from '@puffo/testbed';
import { createInviteKeeper, type InviteKeeper, type InviteKeeperOptions } from '../../src/worker/invites.ts';
import { ownIdentityOf } from '../../src/worker/own-identity.ts';
import { openStore, type TestStore } from '../store/kit.ts';
import { createManualSleep, type ManualSleep } from './manual-sleep.ts';
import { createRecordingLogger, type RecordingLogger } from './recording-logger.ts';

export type PossibleAnswer = Parameters<InviteKeeper['interceptAnswer']>[0];

/** Until the first round, and between two. */
export const FIRST_MS = 2000;
const ROUND_MS = 30_000;
const random = seededRandom(3);

export interface StartedKeeper extends AsyncDisposable {
  readonly keeper: InviteKeeper;
  readonly time: ManualSleep;
  readonly logger: RecordingLogger;
  /** Resolves when the next round is over. */
  passRound(): Promise<void>;
}

export interface InvitedAgent extends AsyncDisposable {
  readonly agent: TestUser;
  readonly kept: TestStore;
  /** As a worker does when it starts. */
  startKeeper(changes?: Partial<InviteKeeperOptions>): StartedKeeper;
  /** Into a new space "Garden". */
  inviteFromStranger(): Promise<SpaceId>;
  isIn(spaceId: SpaceId): Promise<boolean>;
  isInvited(): Promise<boolean>;
  /** What the agent said to its operator. */
  said(): readonly VerifiedMessage[];
  waitForWords(count: number): Promise<readonly VerifiedMessage[]>;
  /** All that it said until now. */
  waitForSilence(): Promise<readonly VerifiedMessage[]>;
  /** By the operator, in the thread of the first question. */
  answer(keeper: InviteKeeper, text: string, changes?: Partial<PossibleAnswer>): Promise<boolean>;
}

/** The operator listens. */
export async function createInvitedAgent({
  operator,
  stranger,
}: {
  readonly operator: TestUser;
  readonly stranger: TestUser;
}): Promise<InvitedAgent> {
  const agent = await operator.registerAgent('helper');
  const kept = await openStore();

  function startKeeper(changes: Partial<InviteKeeperOptions> = {}): StartedKeeper {
    const time = createManualSleep();
    const logger = createRecordingLogger();
    const keeper = createInviteKeeper({
      client: agent.client,
      store: kept.store,
      own: ownIdentityOf(agent.keys),
      operatorSlug: () => operator.slug,
      logger,
      sleep: time.sleep,
      ...changes,
    });
    keeper.start();
    async function passRound(): Promise<void> {
      await waitFor(() => time.delays.length > 0, 'the keeper to wait');
      time.pass(ROUND_MS);
      await waitFor(() => time.delays.includes(ROUND_MS), 'the end of the round');
    }
    return { keeper, time, logger, passRound, [Symbol.asyncDispose]: () => keeper[Symbol.asyncDispose]() };
  }

  async function inviteFromStranger(): Promise<SpaceId> {
    const { spaceId } = await stranger.createSpace('Garden');
    await stranger.client.invites.inviteToSpace({ spaceId, slug: agent.slug });
    return spaceId;
  }

  async function isIn(spaceId: SpaceId): Promise<boolean> {
    const spaces = await agent.client.spaces.listSpaces();
    return spaces.some(({ space_id: id }) => id === spaceId);
  }

  async function isInvited(): Promise<boolean> {
    return (await agent.client.invites.listInvites()).length > 0;
  }

  function said(): readonly VerifiedMessage[] {
    return operator.inbox.messages.filter(({ senderSlug }) => senderSlug === agent.slug);
  }

  async function waitForWords(count: number): Promise<readonly VerifiedMessage[]> {
    await waitFor(() => said().length >= count, `${count} messages to the operator`);
    return said();
  }

  /** A marker that comes after everything that was said before. */
  async function waitForSilence(): Promise<readonly VerifiedMessage[]> {
    const { envelopeId } = await agent.say(operator, 'That is all.');
    await waitFor(() => said().some((message) => message.envelopeId === envelopeId), 'the last words');
    return said().filter((message) => message.envelopeId !== envelopeId);
  }

  function answer(keeper: InviteKeeper, text: string, changes: Partial<PossibleAnswer> = {}): Promise<boolean> {
    return keeper.interceptAnswer({
      envelopeId: createEnvelopeId(random),
      conversation: { kind: 'dm', peerSlug: operator.slug },
      threadRootId: said()[0]?.envelopeId ?? null,
      isFromOperator: true,
      text,
      ...changes,
    });
  }

  return {
    agent,
    kept,
    startKeeper,
    inviteFromStranger,
    isIn,
    isInvited,
    said,
    waitForWords,
    waitForSilence,
    answer,
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}
