// The model of an agent that has none yet: it answers, so that everything around it can be seen at work, and says in its first
// sentence that it is no AI. Nothing leaves the machine.
import { createSession, NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import type { Engine, EngineCapabilities, EngineSession, SessionOptions, TurnInput } from '../../spec/engine.ts';
import { composeOfflineAnswer } from './compose-offline-answer.ts';
import { type OfflineConversation, readOfflineRef, remember, toOfflineRef } from './offline-conversation.ts';

export interface OfflineEngineOptions {
  /** In place of the fixed words. Ends soon after `signal` is aborted. */
  readonly compose?: (conversation: OfflineConversation, signal: AbortSignal) => Promise<string>;
}

const CAPABILITIES: EngineCapabilities = {
  resume: true,
  cancel: true,
  steer: false,
  permissions: false,
  compact: false,
  hostedTools: false,
  speaksByText: true,
};

export function createOfflineEngine({ compose = composeFixed }: OfflineEngineOptions = {}): Engine {
  return {
    name: 'offline',
    capabilities: CAPABILITIES,
    openSession: (session) => Promise.resolve(openOfflineSession(session, compose)),
  };
}

type Compose = NonNullable<OfflineEngineOptions['compose']>;

function composeFixed({ turns }: OfflineConversation): Promise<string> {
  return Promise.resolve(composeOfflineAnswer(turns));
}

function openOfflineSession({ resume }: SessionOptions, compose: Compose): EngineSession {
  const resumed = readOfflineRef(resume);
  let conversation: OfflineConversation = resumed ?? { turns: 0, heard: [] };

  async function* run({ text }: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
    const next = remember(conversation, text);
    const answer = await compose(next, signal);
    if (signal.aborted) return { outcome: { kind: 'cancelled' }, usage: NO_USAGE };
    conversation = next;
    yield { kind: 'accepted' };
    yield { kind: 'text', text: answer };
    return { outcome: { kind: 'ok' }, usage: NO_USAGE };
  }

  return createSession({
    isResumed: resumed !== undefined,
    run,
    describe: () => toOfflineRef(conversation),
    // There is nothing to close.
    close: () => Promise.resolve(),
  });
}
