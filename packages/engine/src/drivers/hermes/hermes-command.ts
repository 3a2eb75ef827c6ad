// The command line of Hermes, one process per turn; what is said goes in by standard input. spec: runtimes 7.1
import type { ProgramCommand } from '../../program/program-placement.ts';
import type { ToolEndpoint } from '../../spec/tools.ts';
import { type HermesEngineOptions, PROVIDERS } from './hermes-options.ts';

export const TOKEN_VARIABLE = 'PUFFO_TOOL_TOKEN';

export interface HermesTurn {
  readonly model: string;
  readonly sessionId: string | undefined;
  readonly endpoint: ToolEndpoint | undefined;
}

export function buildHermesCommand(
  { program, provider, agentId, environment, workspaceDir }: HermesEngineOptions,
  { model, sessionId, endpoint }: HermesTurn,
): ProgramCommand {
  const options = ['--provider', provider, '--quiet', '--yolo', '--source', `puffoagent:${agentId}`];
  const session = sessionId === undefined ? [] : [`--resume=${sessionId}`];
  return {
    program,
    args: ['chat', ...options, '--model', qualifyModel(model, { provider }), ...session, '--query-file', '-'],
    environment: endpoint === undefined ? environment : { ...environment, [TOKEN_VARIABLE]: endpoint.token },
    folder: workspaceDir,
  };
}

/** `provider/model`; a name with a slash says it already. */
export function qualifyModel(model: string, { provider }: Pick<HermesEngineOptions, 'provider'>): string {
  const plain = model.replace(/\[[^\]]*\]$/, '').trim() || PROVIDERS[provider].defaultModel;
  return plain.includes('/') ? plain : `${provider}/${plain}`;
}

/** The program has no place for a system prompt: it goes in front of what is said first. */
export function composeInput(text: string, systemPrompt: string | undefined): string {
  return systemPrompt === undefined ? text : `${systemPrompt}\n\n---\n\n${text}`;
}
