import type { AgentDraft } from '@puffo/agent/config';
import { DaemonError } from '../daemon-error.ts';
import { readAgentFile } from '../home/agent-file.ts';
import type { AgentPaths } from '../home/home.ts';
import type { OperationContext } from './context.ts';

export interface LoadedDraft {
  readonly draft: AgentDraft;
  /** Why it cannot run. */
  readonly problem: string | undefined;
}

/** What the file says, also when no worker could use it; fails when it is no YAML. spec: daemon-and-cli D-17 */
export async function loadDraft({ warn }: OperationContext, agent: AgentPaths): Promise<LoadedDraft> {
  const file = await readAgentFile(agent);
  if (file.kind === 'missing') throw new DaemonError(`agent '${agent.id}' not found`, { code: 'not-found' });
  if (file.kind === 'damaged') throw new DaemonError(file.problem, { code: 'invalid-file' });
  for (const warning of file.reading.warnings) warn(warning);
  const { draft } = file.reading;
  return { draft, problem: file.reading.kind === 'invalid' ? file.reading.reason : undefined };
}
