// The programs that engines drive, from the registry into a cache folder: for `npm run test:engines` and `npm run bench -- engines`.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_PROGRAMS } from './engine-programs.mjs';
import { ROOT } from './repository.mjs';
import { runQuietly } from './run-command.mjs';
import { ToolError } from './run-tool.mjs';

const FOLDER = join(ROOT, 'node_modules/.cache/puffo-engines');
const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** Returns the folder whose `node_modules` holds them. */
export async function installEnginePrograms() {
  const manifest = `${JSON.stringify({ private: true, dependencies: ENGINE_PROGRAMS }, null, 2)}\n`;
  const path = join(FOLDER, 'package.json');
  const record = join(FOLDER, 'node_modules/.package-lock.json');
  if (existsSync(record) && existsSync(path) && readFileSync(path, 'utf8') === manifest) return FOLDER;
  console.log('Installing the programs that engines drive, which takes a minute ...');
  mkdirSync(FOLDER, { recursive: true });
  // npm writes it last: an install that breaks off leaves none, also where there was another one before.
  rmSync(record, { force: true });
  writeFileSync(path, manifest);
  const { exitCode, output } = await runQuietly('npm', INSTALL, { cwd: FOLDER, shell: process.platform === 'win32' });
  if (exitCode !== 0) throw new ToolError(`${output.trim()}\nCannot install the programs, see above`);
  return FOLDER;
}
