// Compiles packages with the TypeScript compiler's own incremental build.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listPackages } from '../repository.mjs';
import { BINARIES, runQuietly } from '../run-command.mjs';
import { ToolError } from '../run-tool.mjs';

const SOURCE_PROJECT = /^tsconfig\.(?!test\.|bench\.)\w+\.json$/;

/** The projects that make what runs. Tests and benchmarks may be half-written and must not stop a start. */
export function listSourceProjects(root) {
  return listPackages(root).flatMap((name) => {
    const folder = join(root, 'packages', name);
    return readdirSync(folder)
      .filter((file) => SOURCE_PROJECT.test(file))
      .map((file) => join(folder, file));
  });
}

/** @param {readonly string[]} projects paths of tsconfig files */
export async function build(projects) {
  const { exitCode, output } = await runQuietly(process.execPath, [BINARIES.tsc, '-b', ...projects]);
  if (exitCode !== 0) throw new ToolError(`${output.trim()}\nCannot build: the compiler found the errors above`);
}
