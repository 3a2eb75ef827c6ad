// `npm run test:engines`: the drivers against the real programs, and those against fake providers on loopback. Installs the
// programs from the registry into a cache folder. Arguments go to vitest.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_PROGRAMS, ENGINE_PROGRAMS_VARIABLE } from './engine-programs.mjs';
import { ROOT } from './repository.mjs';
import { BINARIES, runNodeScript, runQuietly } from './run-command.mjs';
import { runTool, ToolError } from './run-tool.mjs';
import { setUp } from './set-up.mjs';

const FOLDER = join(ROOT, 'node_modules/.cache/puffo-engines');
const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

await runTool(async () => {
  await setUp();
  await installPrograms();
  process.env[ENGINE_PROGRAMS_VARIABLE] = FOLDER;
  return runNodeScript(BINARIES.vitest, ['run', '--project', 'engines', ...process.argv.slice(2)]);
});

async function installPrograms() {
  const manifest = `${JSON.stringify({ private: true, dependencies: ENGINE_PROGRAMS }, null, 2)}\n`;
  const path = join(FOLDER, 'package.json');
  const isInstalled = existsSync(join(FOLDER, 'node_modules/.package-lock.json'));
  if (isInstalled && existsSync(path) && readFileSync(path, 'utf8') === manifest) return;
  console.log('Installing the programs that engines drive, which takes a minute ...');
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path, manifest);
  const { exitCode, output } = await runQuietly('npm', INSTALL, { cwd: FOLDER, shell: process.platform === 'win32' });
  if (exitCode !== 0) throw new ToolError(`${output.trim()}\nCannot install the programs, see above`);
}
