// Whose a folder of a skill is: without a marker, it belongs to whoever made it. spec: daemon-and-cli 1.17, D-33
import type { GuardedFolder } from './guarded-folder.ts';

/** Ours, from `docker/shared/skills`. */
export const MANAGED_MARKER = '.puffo-managed';
/** Copied from the operator's own skills. */
export const HOST_MARKER = 'host-synced.md';
/** The agent's: never overwritten, never removed. */
export const AGENT_MARKER = 'agent-installed.md';
export const MARKERS: readonly string[] = [MANAGED_MARKER, HOST_MARKER, AGENT_MARKER];

export function isMarked(folder: GuardedFolder, skill: string, marker: string): boolean {
  return folder.find(`${skill}/${marker}`) !== undefined;
}

export interface PruneOptions {
  /** Of what may go. */
  readonly marker: string;
  readonly keep: ReadonlySet<string>;
}

/** Removes what was put there with `marker` and has no source any more. The names of what is gone. */
export async function pruneSkills(
  folder: GuardedFolder,
  skills: string,
  { marker, keep }: PruneOptions,
): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const entry of await folder.list(skills)) {
    const skill = `${skills}/${entry.name}`;
    if (!entry.isDirectory() || keep.has(entry.name)) continue;
    if (!isMarked(folder, skill, marker) || isMarked(folder, skill, AGENT_MARKER)) continue;
    await folder.remove(skill);
    gone.push(entry.name);
  }
  return gone;
}
