// The Claude Agent SDK. It is large, so whoever wants it installs it: into a folder of the home, without a change of this program.
// spec: runtimes 4, daemon-and-cli 3.2
import { join } from 'node:path';
import { resolveApiKey, resolveModel } from '@puffo/agent/config';
import { buildProgramEnvironment, createAgentSdkEngine, createHostPlacement } from '@puffo/engine';
import { DaemonError } from '../daemon-error.ts';
import type { EngineRequest, OpenedEngine } from './worker-host.ts';

/** Below the home. */
export const SDK_FOLDER = 'sdk';
const SILENCE_MS = 30 * 60_000;

export function openSdkEngine({ home, agent, config, daemon, environment }: EngineRequest): OpenedEngine {
  const { runtime } = config;
  const apiKey = resolveApiKey({ runtime, daemon, environment });
  if (apiKey === '') {
    const message = `Cannot run the Claude Agent SDK: there is no API key of Anthropic; set one with 'puffo-agent agent runtime ${agent.id} --api-key …', for all agents with 'puffo-agent config', or in ANTHROPIC_API_KEY`;
    throw new DaemonError(message, { code: 'failed' });
  }
  const address = runtime.baseUrl === '' ? {} : { ANTHROPIC_BASE_URL: runtime.baseUrl };
  const added = { PUFFO_AGENT_ID: agent.id, ANTHROPIC_API_KEY: apiKey, ...address };
  const engine = createAgentSdkEngine({
    sdkFolder: join(home.folder, SDK_FOLDER),
    environment: buildProgramEnvironment(environment, { home: agent.folder, added }),
    workspaceDir: agent.resolve(config.workspaceDir),
    agentDir: agent.folder,
    placement: createHostPlacement(),
    silenceMs: SILENCE_MS,
    allowedTools: runtime.allowedTools,
    maxTurns: runtime.maxTurns,
  });
  return { engine, model: resolveModel(runtime, daemon) };
}
