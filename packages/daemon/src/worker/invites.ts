// Keeps an eye on invites: soon after the start, from time to time, and whenever one is announced. spec: wire-protocol 12
import { type InboxMessage, readInviteAnswer } from '@puffo/agent';
import { isJsonObject, sleep as sleepInTime } from '@puffo/base';
import type { Client } from '@puffo/client';
import type { ServerFrame, Slug } from '@puffo/protocol';
import { codeOf, type InviteParts } from './invite-parts.ts';
import { createInviteRounds } from './invite-round.ts';
import { createWakeablePause, type Sleep } from './wakeable-pause.ts';

export interface InviteKeeper extends AsyncDisposable {
  start(): void;
  /** Whether it answers a question about an invite: then it is recorded as decided, and no message for the model. */
  interceptAnswer(message: PossibleAnswer): Promise<boolean>;
}

export type PossibleAnswer = Pick<
  InboxMessage,
  'envelopeId' | 'conversation' | 'threadRootId' | 'isFromOperator' | 'text'
>;

export interface InviteKeeperOptions extends InviteParts {
  readonly client: InviteParts['client'] & Pick<Client, 'onFrame'>;
  readonly sleep?: Sleep | undefined;
}

const FIRST_ROUND_MS = 2000;
const ROUND_MS = 30_000;

export function createInviteKeeper(options: InviteKeeperOptions): InviteKeeper {
  const { client, store, own, logger, sleep = sleepInTime } = options;
  const rounds = createInviteRounds(options);
  const pause = createWakeablePause(sleep);
  const ending = new AbortController();
  let keeping: Promise<void> | undefined;
  let lastProblem: string | undefined;

  async function runRound(): Promise<void> {
    try {
      await rounds.run(ending.signal);
      lastProblem = undefined;
    } catch (error) {
      if (ending.signal.aborted) return;
      const code = codeOf(error);
      // The same again, every half minute, says nothing new.
      if (code !== lastProblem) logger.warn('invites-failed', { code });
      lastProblem = code;
    }
  }

  async function keep(): Promise<void> {
    await pause.wait(FIRST_ROUND_MS);
    while (!pause.isEnded) {
      await runRound();
      await pause.wait(ROUND_MS);
    }
  }

  const stopListening = client.onFrame((frame) => {
    if (keeping !== undefined && announcesInvite(frame, own.slug)) pause.wake();
  });

  return {
    start() {
      if (!pause.isEnded) keeping ??= keep();
    },
    async interceptAnswer({ envelopeId: answerId, conversation, threadRootId: promptId, isFromOperator, text }) {
      if (conversation.kind !== 'dm' || promptId === null || !isFromOperator) return false;
      const answer = readInviteAnswer(text);
      if (answer === undefined) return false;
      const decision = answer === 'yes' ? 'accept' : 'reject';
      const isConsumed = await store.decideInvite({ promptId, answerId, decision });
      if (isConsumed) {
        logger.info('invite-decided', { messageId: answerId, decision });
        pause.wake();
      }
      return isConsumed;
    },
    async [Symbol.asyncDispose]() {
      stopListening();
      pause.end();
      ending.abort(new Error('Closed'));
      await keeping;
    },
  };
}

function announcesInvite(frame: ServerFrame, ownSlug: Slug): boolean {
  if (frame.type !== 'event' || !isJsonObject(frame.event)) return false;
  const { kind, payload } = frame.event;
  if (kind !== 'invite_to_space' && kind !== 'invite_to_channel') return false;
  return isJsonObject(payload) && payload['invitee_slug'] === ownSlug;
}
