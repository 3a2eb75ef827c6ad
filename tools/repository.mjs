// Where things are in this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const GENERATED_FOLDERS = new Set(['node_modules', 'dist', 'dist-bench', '.git']);

/** Names of the folders in `packages/` that hold a package. */
export function listPackages(root) {
  const folder = join(root, 'packages');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'package.json')))
    .toSorted();
}

/** Every written file under `folder`, relative to `root`, with forward slashes, sorted. */
export function listFiles(root, folder = '.') {
  return walk(join(root, folder))
    .map((path) => relative(root, path).split(sep).join('/'))
    .toSorted();
}

function walk(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (GENERATED_FOLDERS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

export function readJson(root, path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
