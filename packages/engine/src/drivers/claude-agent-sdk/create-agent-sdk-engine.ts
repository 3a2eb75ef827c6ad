// sdk-local: the Claude Agent SDK, billed by API key, with the tools that the operator allows. A process per turn, a session over
// all of them. spec: runtimes 4
import { createSession, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { Engine, EngineCapabilities, EngineSession, SessionOptions, TurnInput } from '../../spec/engine.ts';
import { createPermissionMemory } from '../claude-code/answer-permission.ts';
import type { AgentSdkEngineOptions } from './agent-sdk-options.ts';
import { readSessionRef, toSessionRef } from './agent-sdk-session-ref.ts';
import { type AgentSdk, loadAgentSdk } from './load-agent-sdk.ts';
import { runAgentSdkTurn } from './run-agent-sdk-turn.ts';

const CAPABILITIES: EngineCapabilities = {
  resume: true,
  cancel: true,
  steer: false,
  permissions: true,
  compact: false,
  hostedTools: true,
  speaksByText: false,
};

/** Throws `EngineError` when the options cannot work. The SDK is loaded with the first session. */
export function createAgentSdkEngine(options: AgentSdkEngineOptions): Engine {
  requireMaxTurns(options.maxTurns);
  requireKey(options);
  return {
    name: 'claude-agent-sdk',
    capabilities: CAPABILITIES,
    async openSession(session) {
      const sdk = await loadAgentSdk(options.sdkFolder);
      return openAgentSdkSession(sdk, options, session);
    },
  };
}

function requireMaxTurns(maxTurns: number): void {
  if (Number.isSafeInteger(maxTurns) && maxTurns > 0) return;
  const message = `Cannot use runtime.max_turns ${maxTurns}: it has to be a whole number above 0`;
  throw new EngineError(message, { code: 'bad-option', fields: { option: 'max_turns' } });
}

/** Without one, the SDK would look for the login of whoever it finds. */
function requireKey({ environment }: AgentSdkEngineOptions): void {
  if ((environment['ANTHROPIC_API_KEY'] ?? '') !== '') return;
  const message = 'Cannot run the Claude Agent SDK: there is no Anthropic API key; set runtime.api_key';
  throw new EngineError(message, { code: 'bad-option', fields: { option: 'api_key' } });
}

async function openAgentSdkSession(
  sdk: AgentSdk,
  engine: AgentSdkEngineOptions,
  session: SessionOptions,
): Promise<EngineSession> {
  const resumed = await readSessionRef(session.resume, engine);
  const memory = createPermissionMemory();
  let sessionId = resumed;

  async function* run(input: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
    return yield* runAgentSdkTurn({
      sdk,
      engine,
      session,
      sessionId,
      text: input.text,
      memory,
      signal,
      onSession(id) {
        sessionId = id;
      },
      onStale() {
        sessionId = undefined;
      },
    });
  }

  return createSession({
    isResumed: resumed !== undefined,
    run,
    describe: () => toSessionRef(sessionId),
    // There is nothing to close: the process ends with the turn.
    close: () => Promise.resolve(),
  });
}
