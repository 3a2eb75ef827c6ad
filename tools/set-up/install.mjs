// Installs exactly what the lockfile names, out of the user's sight unless it fails.
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatSeconds, runQuietly } from '../run-command.mjs';
import { ToolError } from '../run-tool.mjs';
import { explainNpmFailure } from './explain-npm-failure.mjs';
import { findStaleness, INSTALL_RECORD } from './find-staleness.mjs';

const INSTALL_ARGUMENTS = [
  'ci',
  '--no-audit',
  '--no-fund',
  // The default changes with the version of npm, and nothing here needs the scripts of a dependency.
  '--ignore-scripts',
  // The tools are development dependencies, which NODE_ENV=production would leave out.
  '--include=dev',
  '--include=optional',
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
  '--fetch-timeout=30000',
  // Prints every answer of the registry, by which we see that the install gets on.
  '--loglevel=http',
];

const ANSWER_OF_REGISTRY = /npm http fetch GET [23]\d\d/;
const MAX_STALL_MS = 180_000;

export async function install(root) {
  console.log('Installing dependencies from package-lock.json (once, about 240 MB) …');
  const startedAt = Date.now();
  forgetInstall(root);
  const problem = explainEnd(root, await runNpm(root));
  if (problem !== undefined) {
    forgetInstall(root);
    throw new ToolError(problem);
  }
  console.log(`Installed in ${formatSeconds(Date.now() - startedAt)}`);
}

function explainEnd(root, { exitCode, output, isStalled }) {
  if (exitCode !== 0 || isStalled) {
    return explainNpmFailure(output, { isStalled, configuredRegistry: process.env.npm_config_registry });
  }
  const staleness = findStaleness(root);
  return staleness && `Cannot install the dependencies: npm reports success, but ${staleness}`;
}

/** npm replaces its record only when it succeeds. Until then the one of an earlier install must not vouch for this. */
function forgetInstall(root) {
  rmSync(join(root, INSTALL_RECORD), { force: true });
}

async function runNpm(root) {
  const { command, args, shell } = findNpm(process.env.npm_execpath, process.platform);
  try {
    return await runQuietly(command, [...args, ...INSTALL_ARGUMENTS], {
      cwd: root,
      shell,
      watch: {
        everyMs: 10_000,
        onWait: (elapsedMs) => console.log(`  … still installing after ${Math.round(elapsedMs / 1000)} s`),
        progress: ANSWER_OF_REGISTRY,
        maxStallMs: MAX_STALL_MS,
      },
    });
  } catch (cause) {
    throw new ToolError('Cannot install the dependencies: npm is not on the PATH, install it with Node.js', { cause });
  }
}

/** The npm that runs us when there is one. Other package managers set the same variable for themselves. */
export function findNpm(execPath, platform) {
  if (execPath !== undefined && basename(execPath) === 'npm-cli.js') {
    return { command: process.execPath, args: [execPath], shell: false };
  }
  // Node refuses to start a .cmd file without a shell. All arguments are our own constants.
  return platform === 'win32'
    ? { command: 'npm.cmd', args: [], shell: true }
    : { command: 'npm', args: [], shell: false };
}
