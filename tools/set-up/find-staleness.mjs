// Whether `node_modules` is what `package-lock.json` describes. npm writes down what it installed in
// `node_modules/.package-lock.json` as its last act, so there is no need for a stamp of our own: an install that failed
// or was cut off has left no such file, and a plain `npm install` counts as well.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../repository.mjs';

export const INSTALL_RECORD = 'node_modules/.package-lock.json';

const DEPENDENCY_FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** Why an install is needed, or `undefined` when it is not. */
export function findStaleness(root) {
  if (!existsSync(join(root, INSTALL_RECORD))) return 'nothing is installed';
  const wanted = readJson(root, 'package-lock.json').packages;
  const installed = readJson(root, INSTALL_RECORD).packages;
  return (
    findChangedManifest(root, wanted) ??
    findDifference({ wanted, installed, platform: currentPlatform() }) ??
    findMissingFolder(root, installed)
  );
}

/** npm accepts some of these differences, and then the lockfile is wrong for whoever reads it next. */
function findChangedManifest(root, wanted) {
  const folders = Object.keys(wanted).filter((path) => !path.includes('node_modules'));
  const changed = folders.find((folder) => {
    const path = join(folder, 'package.json');
    return existsSync(join(root, path)) && !hasSameDependencies(readJson(root, path), wanted[folder]);
  });
  return changed === undefined
    ? undefined
    : `package-lock.json was not made from ${join(changed, 'package.json')}: run "npm install" once`;
}

function hasSameDependencies(manifest, locked) {
  return DEPENDENCY_FIELDS.every((field) => {
    const left = Object.entries(manifest[field] ?? {});
    const right = locked[field] ?? {};
    return left.length === Object.keys(right).length && left.every(([name, range]) => right[name] === range);
  });
}

/** The first package that this platform needs and that is not installed in the locked version. */
export function findDifference({ wanted, installed, platform }) {
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/') || !isNeeded(entry, platform)) continue;
    const found = installed[path];
    if (found === undefined) return `${path} is missing`;
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${path} is another version`;
  }
  return undefined;
}

/** Optional packages without a platform hang below one that has it, and npm leaves them out together. */
function isNeeded(entry, platform) {
  if (!entry.optional) return true;
  if (entry.os === undefined && entry.cpu === undefined) return false;
  return ['os', 'cpu', 'libc'].every((name) => entry[name] === undefined || entry[name].includes(platform[name]));
}

function findMissingFolder(root, installed) {
  const missing = Object.keys(installed).find((path) => !existsSync(join(root, path, 'package.json')));
  return missing === undefined ? undefined : `${missing} is missing`;
}

function currentPlatform() {
  return { os: process.platform, cpu: process.arch, libc: process.platform === 'linux' ? findLibc() : undefined };
}

function findLibc() {
  const header = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport()).header;
  return header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}
