// What the engine of an agent can do, as far as its primer has to know. spec: runtimes 8.3, 9
import { relative } from 'node:path';
import type { PrimerOptions } from '@puffo/agent';
import { type AgentConfig, DEFAULT_PERMISSION_MODE, resolveHarness } from '@puffo/agent/config';
import { type AgentFolders, pathInside } from './agent-folders.ts';

/** Of the workspace, by harness. */
const OWN_PROMPT_FILES: ReadonlyMap<string, string> = new Map([
  ['claude-code', 'CLAUDE.md'],
  ['codex', 'AGENTS.md'],
  ['gemini-cli', 'GEMINI.md'],
]);
const SHARED_IN_CONTAINER = '/workspace/.shared';

export interface PrimerPlaces {
  readonly sharedFolder: string;
  readonly folders: AgentFolders;
}

/** For an engine with tools. */
export function primerOptionsOf(
  { runtime }: Pick<AgentConfig, 'runtime'>,
  { sharedFolder, folders }: PrimerPlaces,
): PrimerOptions {
  const { kind, permissionMode } = runtime;
  const onHost = { tools: true, sharedPath: sharedFolder, memoryPath: memorySeenFrom(folders) };
  if (kind !== 'cli-local' && kind !== 'cli-docker') return onHost;
  const ownPromptFile = OWN_PROMPT_FILES.get(resolveHarness(runtime));
  const program = ownPromptFile === undefined ? {} : { ownPromptFile, skills: true };
  if (kind === 'cli-local')
    return { ...onHost, ...program, asksPermission: permissionMode !== DEFAULT_PERMISSION_MODE };
  const memoryPath = pathInside(folders.workspace.path, folders.memory);
  return {
    tools: true,
    sharedPath: SHARED_IN_CONTAINER,
    ...(memoryPath === undefined ? {} : { memoryPath }),
    ...program,
  };
}

/** Relative where it stays with the agent, so that the place of the home does not matter. */
function memorySeenFrom({ agent, workspace, memory }: AgentFolders): string {
  const isNear = [workspace.path, memory].every((path) => pathInside(agent.path, path) !== undefined);
  return isNear ? relative(workspace.path, memory) : memory;
}
