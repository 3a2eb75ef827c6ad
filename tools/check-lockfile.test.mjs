import { expect, test } from 'vitest';
import { checkLockfile } from './check-lockfile.mjs';
import { makeTree } from './temporary-tree.mjs';

const GOOD_PACKAGES = {
  '': { optionalDependencies: { tool: '1' } },
  'node_modules/tool': { version: '1.0.0', optionalDependencies: { '@tool/linux': '1.0.0' } },
  'node_modules/tool/node_modules/@tool/linux': { resolved: 'https://registry.npmjs.org/@tool/linux.tgz' },
  'node_modules/@puffo/base': { resolved: 'packages/base', link: true },
};

function check(changes = {}) {
  return checkLockfile(makeTree({ 'package-lock.json': { packages: { ...GOOD_PACKAGES, ...changes } } }));
}

test('accepts a lockfile with every optional package, from the public registry or from nowhere', () => {
  expect(check()).toEqual([]);
});

test('refuses an optional package without an entry', () => {
  expect(check({ 'node_modules/other': { optionalDependencies: { '@tool/darwin': '1.0.0' } } })).toEqual([
    "package-lock.json: 'node_modules/other' needs '@tool/darwin', which the lockfile leaves out",
  ]);
});

test('refuses the address of another registry', () => {
  expect(check({ 'node_modules/other': { resolved: 'http://mirror.example/other.tgz' } })).toEqual([
    "package-lock.json: 'node_modules/other' comes from 'http://mirror.example/other.tgz', not from the public registry",
  ]);
});
