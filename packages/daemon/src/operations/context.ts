// What an operation needs of the world: commands, the bridge and tools hand it in, and a daemon does so too.
import type { Clock } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import { isAgentId } from '../home/agent-id.ts';
import { exists } from '../home/archive-folder.ts';
import type { AgentPaths, Home } from '../home/home.ts';
import { findDaemon, type ReadArguments } from '../pid/daemon-process.ts';

export interface OperationContext {
  readonly home: Home;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the user. */
  readonly homeFolder: string;
  /** As `process.platform`. */
  readonly platform: string;
  readonly now: Clock;
  readonly readArguments: ReadArguments;
  /** For the person, beside the result. */
  readonly warn: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** An id is checked before it becomes part of a path. spec: daemon-and-cli D-19 */
export async function requireFolder({ home }: OperationContext, id: string): Promise<AgentPaths> {
  if (isAgentId(id)) {
    const agent = home.agent(id);
    if (await exists(agent.folder)) return agent;
  }
  throw new DaemonError(`agent '${id}' not found`, { code: 'not-found' });
}

export async function requireAgent(context: OperationContext, id: string): Promise<AgentPaths> {
  const agent = await requireFolder(context, id);
  if (await exists(agent.agentFile)) return agent;
  throw new DaemonError(`agent '${id}' not found`, { code: 'not-found' });
}

export async function isDaemonAlive({ home, readArguments }: OperationContext): Promise<boolean> {
  return (await findDaemon(home, readArguments)).kind === 'alive';
}
