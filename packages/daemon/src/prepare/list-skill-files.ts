// What of a skill is copied. Links in it are left out: they may lead to what the operator never meant to give to an agent.
// spec: daemon-and-cli 1.17
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DaemonError } from '../daemon-error.ts';
import { MARKERS } from './skill-markers.ts';

const MAX_FILES = 1000;
const MAX_BYTES = 20 * 1024 * 1024;
const MAX_DEPTH = 10;
const EXECUTABLE = 0o100;

export interface SkillFile {
  /** Relative, with `/`. */
  readonly name: string;
  readonly size: number;
  readonly isProgram: boolean;
}

/** Fails when it is too large to be a skill. */
export async function listSkillFiles(skill: string): Promise<readonly SkillFile[]> {
  const files: SkillFile[] = [];
  let bytes = 0;

  async function visit(prefix: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw tooLarge(skill, `more than ${MAX_DEPTH} folders inside each other`);
    for (const entry of await readdir(join(skill, prefix), { withFileTypes: true })) {
      const name = prefix + entry.name;
      if (entry.isDirectory()) await visit(`${name}/`, depth + 1);
      if (!entry.isFile() || MARKERS.includes(name)) continue;
      const { size, mode } = await lstat(join(skill, name));
      bytes += size;
      if (files.length >= MAX_FILES) throw tooLarge(skill, `more than ${MAX_FILES} files`);
      if (bytes > MAX_BYTES) throw tooLarge(skill, `more than ${MAX_BYTES} bytes`);
      files.push({ name, size, isProgram: (mode & EXECUTABLE) !== 0 });
    }
  }

  await visit('', 0);
  return files;
}

function tooLarge(skill: string, what: string): DaemonError {
  return new DaemonError(`Cannot copy skill ${skill}: it has ${what}; make it smaller`, { code: 'invalid-file' });
}
