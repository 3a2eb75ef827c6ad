// Keeps package-lock.json usable for everybody. npm drops platform packages that the registry in use does not have, and
// `npm ci` then refuses the lockfile on every machine.
import { readJson } from './repository.mjs';

const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';

/** Problems as sentences, none when the lockfile is right. */
export function checkLockfile(root) {
  const entries = Object.entries(readJson(root, 'package-lock.json').packages);
  const names = new Set(entries.map(([path]) => path.split('node_modules/').at(-1)));
  return entries.flatMap(([path, entry]) => [
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !names.has(name))
      .map((name) => `package-lock.json: '${path}' needs '${name}', which the lockfile leaves out`),
    ...findForeignAddress(path, entry),
  ]);
}

function findForeignAddress(path, { resolved, link }) {
  if (resolved === undefined || link || resolved.startsWith(PUBLIC_REGISTRY)) return [];
  return [`package-lock.json: '${path}' comes from '${resolved}', not from the public registry`];
}
