// What a browser would load: the built files, followed the way a bundler follows them.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PACKAGES = fileURLToPath(new URL('../..', import.meta.url));

test('the browser build reaches no module of Node, and every file it reaches exists', () => {
  const { files, foreign } = walk(join(PACKAGES, 'protocol/dist/index.js'), 'browser');
  expect([...foreign].filter((name) => name.startsWith('node:'))).toEqual([]);
  expect([...foreign].map((name) => name.split('/').slice(0, 2).join('/'))).toContain('@noble/curves');
  expect(files.size).toBeGreaterThan(60);
});

test('the Node build reaches no noble, which is twenty times slower', () => {
  const { foreign } = walk(join(PACKAGES, 'protocol/dist/index.js'), 'default');
  expect([...foreign].filter((name) => name.startsWith('@noble'))).toEqual([]);
  expect([...foreign]).toContain('node:crypto');
});

interface Graph {
  readonly files: ReadonlySet<string>;
  /** Specifiers that lead out of this project. */
  readonly foreign: ReadonlySet<string>;
}

function walk(entry: string, condition: 'browser' | 'default'): Graph {
  const files = new Set<string>();
  const foreign = new Set<string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    expect(existsSync(file), `${file} is missing`).toBe(true);
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
      const target = resolve(specifier, { file, condition });
      if (target === undefined) foreign.add(specifier);
      else queue.push(target);
    }
  }
  return { files, foreign };
}

function resolve(specifier: string, from: { file: string; condition: 'browser' | 'default' }): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(from.file), specifier);
  if (specifier.startsWith('@puffo/')) return join(PACKAGES, specifier.slice('@puffo/'.length), 'dist/index.js');
  if (!specifier.startsWith('#')) return undefined;
  const { imports } = JSON.parse(readFileSync(join(PACKAGES, 'protocol/package.json'), 'utf8')) as {
    imports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  return join(PACKAGES, 'protocol', imports[specifier]?.[from.condition] ?? 'missing');
}
