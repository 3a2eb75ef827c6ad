// The help texts of `docker/shared/skills`, in the shape that the programs of the vendors read: `<name>/SKILL.md`.
// spec: daemon-and-cli 1.17, D-33, runtimes 8.6
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes, type Logger } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import { attempt } from './attempt.ts';
import type { GuardedFolder } from './guarded-folder.ts';
import { readBounded } from './read-bounded.ts';
import { AGENT_MARKER, isMarked, MANAGED_MARKER, pruneSkills } from './skill-markers.ts';

const MAX_SKILLS = 200;
const MAX_BYTES = 256 * 1024;
/** It becomes the name of a folder. */
const SKILL_NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;
const MARKER_TEXT = 'puffo-agent makes this folder at each start, and removes it when the skill is gone.\n';

export interface SharedSkillsOptions {
  readonly source: string;
  /** In the workspace: `.claude/skills` and the like. */
  readonly targets: readonly string[];
  readonly logger: Logger;
}

export async function syncSharedSkills(
  workspace: GuardedFolder,
  { source, targets, logger }: SharedSkillsOptions,
): Promise<void> {
  const names = (await readdir(source)).filter((name) => name.endsWith('.md')).toSorted();
  const skills = names.map((name) => name.slice(0, -'.md'.length)).filter((name) => SKILL_NAME.test(name));
  if (skills.length < names.length) logger.warn('shared-skills-misnamed', { folder: source });
  if (skills.length > MAX_SKILLS) logger.warn('shared-skills-cut', { folder: source, kept: MAX_SKILLS });
  const kept = skills.slice(0, MAX_SKILLS);
  for (const target of targets) {
    for (const skill of kept) {
      await attempt('shared-skills', logger, () =>
        putSkill(workspace, `${target}/${skill}`, join(source, `${skill}.md`)),
      );
    }
    await pruneSkills(workspace, target, { marker: MANAGED_MARKER, keep: new Set(kept) });
  }
}

async function putSkill(workspace: GuardedFolder, skill: string, source: string): Promise<void> {
  const file = await readBounded(source, { maxBytes: MAX_BYTES, followsLinks: true });
  if (file === undefined) return;
  if (file.isCut) throw tooLarge(source);
  await removeFlatCopy(workspace, `${skill}.md`, file.bytes);
  const isOurs = isMarked(workspace, skill, MANAGED_MARKER) && !isMarked(workspace, skill, AGENT_MARKER);
  if (!isOurs && workspace.find(skill) !== undefined) return;
  await workspace.write(`${skill}/${MANAGED_MARKER}`, MARKER_TEXT);
  await workspace.write(`${skill}/SKILL.md`, file.bytes);
}

/** 0.7.2 put the texts there without a folder, where no program sees them. */
async function removeFlatCopy(workspace: GuardedFolder, name: string, bytes: Uint8Array): Promise<void> {
  if (workspace.find(name)?.isFile() !== true) return;
  const copy = await workspace.read(name, { maxBytes: MAX_BYTES });
  if (copy !== undefined && equalBytes(copy.bytes, bytes)) await workspace.remove(name);
}

function tooLarge(source: string): DaemonError {
  const message = `Cannot use skill ${source}: it has more than ${MAX_BYTES} bytes; make it shorter`;
  return new DaemonError(message, { code: 'invalid-file' });
}
