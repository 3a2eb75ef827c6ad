// Where the role, the notes and the work of an agent are. spec: daemon-and-cli 1.5, 3.3, D-4
import { mkdir } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { AgentConfig } from '@puffo/agent/config';
import { makePrivateFolder } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';
import type { AgentPaths } from '../home/home.ts';
import { createGuardedFolder, type GuardedFolder } from './guarded-folder.ts';
import { reasonOf } from './attempt.ts';

const CLAUDE_FOLDERS = ['agents', 'commands', 'skills', 'hooks'];

export interface AgentFolders {
  readonly agent: GuardedFolder;
  readonly workspace: GuardedFolder;
  /** Absolute. */
  readonly profile: string;
  readonly memory: string;
}

export function findAgentFolders(agent: AgentPaths, config: AgentConfig): AgentFolders {
  return {
    agent: createGuardedFolder(agent.folder),
    workspace: createGuardedFolder(agent.resolve(config.workspaceDir)),
    profile: agent.resolve(config.profile),
    memory: agent.resolve(config.memoryDir),
  };
}

/** Without a workspace there is nowhere to put what people send, and no engine can start. */
export async function makeWorkspace({ agent, workspace }: AgentFolders): Promise<void> {
  try {
    await makeOwnFolder(agent.path, workspace.path);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new DaemonError(`Cannot use the workspace ${workspace.path}: ${reason}`, { code: 'failed', cause: error });
  }
}

export function makeClaudeFolders({ workspace }: AgentFolders): void {
  for (const name of CLAUDE_FOLDERS) workspace.makeFolder(`.claude/${name}`);
}

export async function makeMemoryFolder({ agent, workspace, memory }: AgentFolders): Promise<void> {
  const inside = pathInside(workspace.path, memory);
  if (inside === undefined) await makeOwnFolder(agent.path, memory);
  else workspace.makeFolder(inside);
}

/** With `/`. `undefined`: it is elsewhere. */
export function pathInside(folder: string, path: string): string | undefined {
  const inside = relative(folder, path).split(sep);
  return inside[0] === '..' || inside[0] === '' || inside.join('/') === path ? undefined : inside.join('/');
}

/** What the operator has elsewhere keeps its permissions: others may have to work in it. */
async function makeOwnFolder(agentFolder: string, path: string): Promise<void> {
  if (pathInside(agentFolder, path) === undefined) await mkdir(path, { recursive: true, mode: 0o700 });
  else await makePrivateFolder(path);
}
