// Numbers for people: which files know much and which are known by many. Coupling hurts before length does.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { listImports } from './list-imports.mjs';
import { listFiles } from './repository.mjs';

const LISTED_FILES = 10;

/** Lines to print: the files with most imports and most importers, and those that silenced the alarm for length. */
export function reportCoupling(root) {
  const sources = listFiles(root, 'packages')
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('.test.') && path.includes('/src/'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const imports = sources
    // The list of what a package exports is long by its nature.
    .filter(({ path }) => !path.endsWith('/src/index.ts'))
    .map(({ path, text }) => ({ path, targets: listTargets(root, path, text) }));
  const importers = countBy(imports.flatMap(({ targets }) => targets));
  return [
    'Most imports:',
    ...rank(imports.map(({ path, targets }) => [path, targets.length])),
    'Most importers:',
    ...rank([...importers].filter(([target]) => target.startsWith('packages/'))),
    ...listSilenced(sources),
  ];
}

function listTargets(root, path, text) {
  const targets = listImports(text).map(({ specifier }) => {
    const target = join(dirname(path), specifier);
    return specifier.startsWith('.') && existsSync(join(root, target)) ? target : specifier;
  });
  return [...new Set(targets)];
}

function countBy(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function rank(counts) {
  return counts
    .filter(([, count]) => count > 0)
    .toSorted(([leftPath, left], [rightPath, right]) => right - left || leftPath.localeCompare(rightPath))
    .slice(0, LISTED_FILES)
    .map(([path, count]) => `${String(count).padStart(4)}  ${path}`);
}

function listSilenced(sources) {
  const silenced = sources.flatMap(({ path, text }) => {
    const match = /oxlint-disable[\w-]*[^\n]*\bmax-lines\b(?!-)(?:[^\n]*?--\s*([^\n*]*))?/.exec(text);
    return match === null ? [] : [`      ${path}: ${match[1]?.trim() || 'no reason given'}`];
  });
  return silenced.length === 0 ? [] : ['Longer than the alarm, silenced:', ...silenced];
}
