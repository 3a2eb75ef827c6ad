// From what is configured to an engine that can take turns. spec: daemon-and-cli 3.2, D-26, runtimes 3.5
import { KEY_VARIABLES, type Provider, resolveApiKey, resolveModel, resolveProvider } from '@puffo/agent/config';
import { type ChatProvider, createChatEngine, createOfflineEngine } from '@puffo/engine';
import { DaemonError } from '../daemon-error.ts';
import { openProgramEngine } from './open-program-engine.ts';
import { openSdkEngine } from './open-sdk-engine.ts';
import type { EngineRequest, OpenedEngine } from './worker-host.ts';

/** Servers of one's own often take any key, and some want none at all. */
const NO_KEY = 'none';

export async function openAgentEngine(request: EngineRequest): Promise<OpenedEngine> {
  const { runtime } = request.config;
  if (runtime.offline) return { engine: createOfflineEngine(), model: 'offline' };
  switch (runtime.kind) {
    case 'chat-local':
      return openChat(request);
    case 'cli-local':
      return openProgramEngine(request);
    case 'sdk-local':
      return openSdkEngine(request);
    case 'cli-docker': {
      const message = `Cannot run runtime.kind ${runtime.kind}: this version has chat-local, sdk-local and cli-local; choose with 'puffo-agent agent runtime ${request.agent.id} --kind …'`;
      throw new DaemonError(message, { code: 'invalid-argument' });
    }
  }
}

function openChat({ agent, config, daemon, environment }: EngineRequest): OpenedEngine {
  const { runtime } = config;
  const provider = resolveProvider(runtime, daemon);
  const apiKey = resolveApiKey({ runtime, daemon, environment });
  const { baseUrl } = runtime;
  if (apiKey === '' && !(provider === 'openai' && baseUrl !== '')) throw missingKey(agent.id, provider);
  const engine = createChatEngine({
    provider: chatProviderOf(provider, baseUrl),
    apiKey: apiKey === '' ? NO_KEY : apiKey,
    baseUrl,
  });
  return { engine, model: resolveModel(runtime, daemon) };
}

/** At an address of one's own, `openai` names the protocol. */
function chatProviderOf(provider: Provider, baseUrl: string): ChatProvider {
  return provider === 'openai' && baseUrl !== '' ? 'openai-compatible' : provider;
}

/** Names all three places. spec: runtimes 3.5 */
function missingKey(id: string, provider: Provider): DaemonError {
  const variables = KEY_VARIABLES[provider].join(' or ');
  const message = `Cannot ask ${provider}: there is no API key; set one with 'puffo-agent agent runtime ${id} --api-key …', for all agents with 'puffo-agent config', or in ${variables}`;
  return new DaemonError(message, { code: 'failed' });
}
