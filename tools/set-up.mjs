// Makes a checkout ready to run: the dependencies the lockfile names, then the JavaScript of every package.
import { ROOT } from './repository.mjs';
import { formatSeconds } from './run-command.mjs';
import { build, listSourceProjects } from './set-up/build.mjs';
import { findStaleness } from './set-up/find-staleness.mjs';
import { install } from './set-up/install.mjs';

const WORTH_A_LINE_MS = 1_500;

export async function setUp() {
  await installIfStale();
  const startedAt = Date.now();
  console.log('Building …');
  await build(listSourceProjects(ROOT));
  const elapsedMs = Date.now() - startedAt;
  if (elapsedMs > WORTH_A_LINE_MS) console.log(`Built in ${formatSeconds(elapsedMs)}`);
}

export async function installIfStale() {
  if (findStaleness(ROOT) !== undefined) await install(ROOT);
}
