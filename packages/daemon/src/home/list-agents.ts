import { readdir, stat } from 'node:fs/promises';
import type { Home } from './home.ts';

const MAX_AGENTS = 10_000;

/** Names of the folders that hold an `agent.yml`, sorted. Any name counts, also one that the rule of ids refuses. */
export async function listAgentIds(home: Home): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = await readdir(home.agentsFolder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const isAgent = await Promise.all(names.slice(0, MAX_AGENTS).map((name) => isFile(home.agent(name).agentFile)));
  return names.filter((_name, at) => isAgent[at] === true).toSorted();
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Not there, or not to be looked at: either way none of ours.
    return false;
  }
}
