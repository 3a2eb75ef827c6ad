// The operator's own skills, for agents that work with a program of a vendor. spec: daemon-and-cli 1.17
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@puffo/base';
import { attempt } from './attempt.ts';
import { codeOf } from './error-code.ts';
import type { GuardedFolder } from './guarded-folder.ts';
import { listSkillFiles } from './list-skill-files.ts';
import { readBounded } from './read-bounded.ts';
import { AGENT_MARKER, HOST_MARKER, isMarked, pruneSkills } from './skill-markers.ts';

const MAX_SKILLS = 200;

export interface HostSkillsOptions {
  /** Of the user. */
  readonly homeFolder: string;
  /** In it: `.claude/skills`. */
  readonly source: string;
  /** In the guarded folder. */
  readonly target: string;
  readonly logger: Logger;
}

/** Without a source, nothing is made, but what came from there goes. */
export async function syncHostSkills(
  folder: GuardedFolder,
  { homeFolder, source, target, logger }: HostSkillsOptions,
): Promise<void> {
  const skills = await listSkills(join(homeFolder, source));
  if (skills.length > MAX_SKILLS) logger.warn('host-skills-cut', { folder: source, kept: MAX_SKILLS });
  for (const skill of skills.slice(0, MAX_SKILLS)) {
    await attempt('host-skills', logger, () =>
      copySkill(join(homeFolder, source, skill), { folder, name: `${target}/${skill}`, origin: source }),
    );
  }
  const gone = await pruneSkills(folder, target, { marker: HOST_MARKER, keep: new Set(skills) });
  if (gone.length > 0) logger.info('host-skills-removed', { skills: gone.join(', ') });
}

/** Names of folders, also of linked ones: this is the operator's own place, and people keep their skills elsewhere. */
async function listSkills(source: string): Promise<readonly string[]> {
  const names = await namesIn(source);
  const isFolder = await Promise.all(names.map((name) => isFolderBehind(join(source, name))));
  return names.filter((_name, at) => isFolder[at] === true).toSorted();
}

async function namesIn(source: string): Promise<readonly string[]> {
  try {
    return await readdir(source);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function isFolderBehind(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // A link that leads nowhere.
    return false;
  }
}

interface Target {
  readonly folder: GuardedFolder;
  readonly name: string;
  readonly origin: string;
}

async function copySkill(source: string, { folder, name, origin }: Target): Promise<void> {
  const isFolder = folder.find(name)?.isDirectory() === true;
  if (isFolder && isMarked(folder, name, AGENT_MARKER)) return;
  const files = await listSkillFiles(source);
  await folder.remove(name);
  // First, so that a copy that is cut short is still known as one.
  await folder.write(
    `${name}/${HOST_MARKER}`,
    `Copied from ~/${origin} of the host at each start; changes here are lost.\n`,
  );
  for (const file of files) {
    const content = await readBounded(join(source, file.name), { maxBytes: file.size });
    if (content !== undefined) {
      await folder.write(`${name}/${file.name}`, content.bytes, { isProgram: file.isProgram });
    }
  }
}
