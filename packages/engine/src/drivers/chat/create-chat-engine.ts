// chat-local: a model asked through its provider's API, with our tools when there are any. The session is the conversation, and
// nothing else. spec: runtimes 3, mcp-tools 1.2
import { systemRandom } from '@puffo/base';
import { createSession, NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { Engine, EngineCapabilities, EngineSession, SessionOptions, TurnInput } from '../../spec/engine.ts';
import { failureOfEnding } from './chat-failure.ts';
import { type ChatEngineOptions, type ChatSettings, readChatOptions } from './chat-options.ts';
import { type ConversationLog, readSessionRef, toSessionRef, trimLog } from './conversation-log.ts';
import { MAX_LOG_BYTES } from './limits.ts';
import { runChatTurn } from './run-chat-turn.ts';
import { createToolKit } from './run-tools.ts';

const CAPABILITIES: EngineCapabilities = {
  resume: true,
  cancel: true,
  steer: false,
  permissions: false,
  compact: false,
  hostedTools: true,
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

function openChatSession(settings: ChatSettings, options: SessionOptions): EngineSession {
  const { model, resume, tools } = options;
  const resumed = readSessionRef(resume);
  const systemPrompt = addInstructions(options);
  let log: ConversationLog = resumed ?? [];
  const kit = tools === undefined ? undefined : createToolKit(tools, { used: listCallIds(log), random: systemRandom });

  async function* run(input: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
    if (Buffer.byteLength(input.text) > MAX_LOG_BYTES) return refuseInput(settings);
    const asked = trimLog([...log, { role: 'user', text: input.text }]);
    const result = yield* runChatTurn({ settings, model, systemPrompt, log: asked, tools: kit, signal });
    const { entries, ending, usage } = result;
    // Only now: a turn that failed before anything was done has never been said.
    if (ending.kind === 'answer' || entries.length > 0) {
      log = trimLog([...asked, ...entries]);
      yield { kind: 'accepted' };
    }
    if (ending.kind !== 'answer') return { outcome: ending, usage };
    for (const text of ending.texts) yield { kind: 'text', text };
    return { outcome: { kind: 'ok' }, usage };
  }

  return createSession({
    isResumed: resumed !== undefined,
    run,
    describe: () => toSessionRef(log),
    // There is nothing to close: the request ends with the turn.
    close: () => Promise.resolve(),
  });
}

function addInstructions({ systemPrompt, tools }: SessionOptions): string {
  return [systemPrompt, tools?.instructions ?? ''].filter((text) => text !== '').join('\n\n');
}

function listCallIds(log: ConversationLog): readonly string[] {
  return log.flatMap((entry) => (entry.role === 'tool' ? entry.results.map(({ id }) => id) : []));
}

function refuseInput(settings: ChatSettings): TurnResult {
  return {
    outcome: { kind: 'failed', failure: failureOfEnding('input_too_long', settings) },
    usage: NO_USAGE,
  };
}
