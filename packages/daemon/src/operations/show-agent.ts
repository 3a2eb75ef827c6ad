// spec: daemon-and-cli 4.10, 4.13
import { join } from 'node:path';
import { type PuffoCoreConfig, resolveHarness, type RuntimeDraft, type TriggerConfig } from '@puffo/agent/config';
import { isDaemonAlive, type OperationContext, requireAgent } from './context.ts';
import { loadDraft } from './load-draft.ts';
import { type RuntimeSummary, summarizeRuntime } from './runtime-summary.ts';

export interface AgentDetails {
  readonly id: string;
  readonly displayName: string;
  readonly state: string;
  readonly folder: string;
  readonly profile: string;
  readonly memoryDir: string;
  readonly workspaceDir: string;
  readonly claudeDir: string;
  readonly puffoCore: PuffoCoreConfig;
  readonly runtime: RuntimeDetails;
  readonly triggers: TriggerConfig;
  readonly status: RuntimeSummary | undefined;
  /** Why it cannot run. */
  readonly problem: string | undefined;
}

/** Everything but the key. */
export interface RuntimeDetails extends Omit<RuntimeDraft, 'apiKey'> {
  readonly hasApiKey: boolean;
}

export async function showAgent(context: OperationContext, { id }: { readonly id: string }): Promise<AgentDetails> {
  const agent = await requireAgent(context, id);
  const { draft, problem } = await loadDraft(context, agent);
  const workspaceDir = agent.resolve(draft.workspaceDir);
  const freshness = { isDaemonAlive: await isDaemonAlive(context), now: context.now() };
  return {
    id,
    displayName: draft.displayName,
    state: draft.state,
    folder: agent.folder,
    profile: agent.resolve(draft.profile),
    memoryDir: agent.resolve(draft.memoryDir),
    workspaceDir,
    claudeDir: join(workspaceDir, '.claude'),
    puffoCore: draft.puffoCore,
    runtime: withoutKey(draft.runtime),
    triggers: draft.triggers,
    status: await summarizeRuntime(agent, freshness),
    problem,
  };
}

export function withoutKey({ apiKey, ...runtime }: RuntimeDraft): RuntimeDetails {
  return { ...runtime, harness: effectiveHarness(runtime), hasApiKey: apiKey !== '' };
}

function effectiveHarness({ provider, harness }: Pick<RuntimeDraft, 'provider' | 'harness'>): string {
  const known = provider === 'anthropic' || provider === 'openai' || provider === 'google' ? provider : '';
  return resolveHarness({ provider: known, harness });
}
