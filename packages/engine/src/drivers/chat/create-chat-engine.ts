// chat-local: a model without tools, asked through its provider's API. The session is the conversation, and nothing else.
// spec: runtimes 3
import { createSession, NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { Engine, EngineCapabilities, EngineSession, SessionOptions, TurnInput } from '../../spec/engine.ts';
import { failureOfEnding } from './chat-failure.ts';
import { type ChatEngineOptions, type ChatSettings, readChatOptions } from './chat-options.ts';
import { type ConversationLog, readSessionRef, toSessionRef, trimLog } from './conversation-log.ts';
import { MAX_LOG_BYTES } from './limits.ts';
import { type ChatResult, runChatTurn } from './run-chat-turn.ts';

const CAPABILITIES: EngineCapabilities = {
  resume: true,
  cancel: true,
  steer: false,
  permissions: false,
  compact: false,
  hostedTools: false,
  speaksByText: true,
};

/** Throws `EngineError` when the options cannot work. Nothing is asked before the first turn. */
export function createChatEngine(options: ChatEngineOptions): Engine {
  const settings = readChatOptions(options);
  // The SDK prints warnings otherwise, about settings that it changed.
  globalThis.AI_SDK_LOG_WARNINGS = false;
  return {
    name: `chat-${settings.provider}`,
    capabilities: CAPABILITIES,
    async openSession(session) {
      requireModel(session.model);
      return openChatSession(settings, session);
    },
  };
}

const MAX_MODEL_LENGTH = 256;

function requireModel(model: string): void {
  if (model !== '' && model.length <= MAX_MODEL_LENGTH) return;
  const problem =
    model === '' ? 'no model is named' : `the name of the model has more than ${MAX_MODEL_LENGTH} characters`;
  throw new EngineError(`Cannot open a session: ${problem}; set runtime.model`, {
    code: 'bad-option',
    fields: { option: 'model' },
  });
}

function openChatSession(settings: ChatSettings, { systemPrompt, model, resume }: SessionOptions): EngineSession {
  const resumed = readSessionRef(resume);
  let log: ConversationLog = resumed ?? [];

  async function* run(input: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
    if (Buffer.byteLength(input.text) > MAX_LOG_BYTES) return refuseInput(settings);
    const asked = trimLog([...log, { role: 'user', text: input.text }]);
    const result = yield* runChatTurn({ settings, model, systemPrompt, log: asked, signal });
    if (result.kind === 'answer') {
      // Only now: a turn that failed has never been said.
      log = addAnswer(asked, result.text);
      yield { kind: 'accepted' };
      if (!isBlank(result.text)) yield { kind: 'text', text: result.text };
    }
    return toTurnResult(result);
  }

  return createSession({
    isResumed: resumed !== undefined,
    run,
    describe: () => toSessionRef(log),
    // There is nothing to close: the request ends with the turn.
    close: () => Promise.resolve(),
  });
}

function refuseInput(settings: ChatSettings): TurnResult {
  return {
    outcome: { kind: 'failed', failure: failureOfEnding('input_too_long', settings) },
    usage: NO_USAGE,
  };
}

/** Silence leaves no entry: providers refuse messages without text. */
function addAnswer(log: ConversationLog, text: string): ConversationLog {
  return isBlank(text) ? log : trimLog([...log, { role: 'assistant', text }]);
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function toTurnResult(result: ChatResult): TurnResult {
  const { usage } = result;
  switch (result.kind) {
    case 'answer':
      return { outcome: { kind: 'ok' }, usage };
    case 'failed':
      return { outcome: { kind: 'failed', failure: result.failure }, usage };
    case 'cancelled':
      return { outcome: { kind: 'cancelled' }, usage };
  }
}
