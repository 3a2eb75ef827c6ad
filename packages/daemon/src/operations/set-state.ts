// spec: daemon-and-cli 4.11
import { findMember, type YamlNode } from '@puffo/agent/config';
import { changeAgentFile } from '../home/agent-file.ts';
import type { AgentPaths } from '../home/home.ts';
import { isDaemonAlive, type OperationContext, requireAgent } from './context.ts';
import { loadDraft } from './load-draft.ts';

export type AgentState = 'running' | 'paused';

export interface StateChange {
  /** `false`: it had this state already, and nothing was written. */
  readonly isChanged: boolean;
  readonly isDaemonAlive: boolean;
}

export async function pauseAgent(context: OperationContext, { id }: { readonly id: string }): Promise<StateChange> {
  return setState(context, { id, state: 'paused' });
}

export async function resumeAgent(context: OperationContext, { id }: { readonly id: string }): Promise<StateChange> {
  return setState(context, { id, state: 'running' });
}

async function setState(
  context: OperationContext,
  { id, state }: { readonly id: string; readonly state: AgentState },
): Promise<StateChange> {
  const agent = await requireAgent(context, id);
  await loadDraft(context, agent);
  return { isChanged: await writeState(agent, state), isDaemonAlive: await isDaemonAlive(context) };
}

/** Whether it was another one before. */
export async function writeState(agent: AgentPaths, state: AgentState): Promise<boolean> {
  return changeAgentFile(agent, (tree) => (readState(tree) === state ? [] : [{ path: ['state'], value: state }]));
}

function readState(tree: YamlNode | undefined): string {
  const state = findMember(tree, 'state');
  return state?.kind === 'scalar' && state.text !== '' ? state.text : 'running';
}
