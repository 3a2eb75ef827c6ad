import { describe, expect, test } from 'vitest';
import { makeTree } from '../temporary-tree.mjs';
import { findDifference, findStaleness } from './find-staleness.mjs';

const GOOD_TREE = {
  'package.json': { devDependencies: { tool: '^1.0.0' } },
  'packages/base/package.json': { dependencies: { zod: '4' } },
  'package-lock.json': {
    packages: {
      '': { devDependencies: { tool: '^1.0.0' } },
      'packages/base': { dependencies: { zod: '4' } },
      'node_modules/tool': { version: '1.0.0', integrity: 'sha512-a' },
    },
  },
  'node_modules/.package-lock.json': { packages: { 'node_modules/tool': { version: '1.0.0', integrity: 'sha512-a' } } },
  'node_modules/tool/package.json': {},
};

describe('findStaleness', () => {
  test('finds nothing when everything is installed', () => {
    expect(findStaleness(makeTree(GOOD_TREE))).toBeUndefined();
  });

  test('finds a fresh clone', () => {
    const { 'package.json': manifest, 'package-lock.json': lockfile } = GOOD_TREE;
    expect(findStaleness(makeTree({ 'package.json': manifest, 'package-lock.json': lockfile }))).toBe(
      'nothing is installed',
    );
  });

  test('finds an install that npm did not finish', () => {
    const { 'node_modules/.package-lock.json': _, ...rest } = GOOD_TREE;
    expect(findStaleness(makeTree(rest))).toBe('nothing is installed');
  });

  test('finds a dependency that the lockfile does not know', () => {
    const manifest = { dependencies: { zod: '4', yaml: '2' } };
    expect(findStaleness(makeTree({ ...GOOD_TREE, 'packages/base/package.json': manifest }))).toContain('package.json');
  });

  test('finds a dependency in another range', () => {
    expect(
      findStaleness(makeTree({ ...GOOD_TREE, 'package.json': { devDependencies: { tool: '^2.0.0' } } })),
    ).toContain('package.json');
  });

  test('does not care about the rest of a package.json', () => {
    const manifest = { dependencies: { zod: '4' }, description: 'changed' };
    expect(findStaleness(makeTree({ ...GOOD_TREE, 'packages/base/package.json': manifest }))).toBeUndefined();
  });

  test('finds a folder that was deleted by hand', () => {
    const { 'node_modules/tool/package.json': _, ...rest } = GOOD_TREE;
    expect(findStaleness(makeTree(rest))).toBe('node_modules/tool is missing');
  });
});

describe('findDifference', () => {
  const platform = { os: 'linux', cpu: 'x64', libc: 'glibc' };
  const tool = { version: '1.0.0', integrity: 'sha512-a' };

  function compare(entry, installed) {
    return findDifference({
      wanted: { 'packages/base': {}, 'node_modules/tool': entry },
      installed: installed === undefined ? {} : { 'node_modules/tool': installed },
      platform,
    });
  }

  test('finds a package that is not installed', () => {
    expect(compare(tool)).toBe('node_modules/tool is missing');
  });

  test.each([{ version: '1.0.1' }, { integrity: 'sha512-b' }])('finds an installed package with %o', (change) => {
    expect(compare(tool, { ...tool, ...change })).toBe('node_modules/tool is another version');
  });

  test.each([
    { os: ['linux'], cpu: ['x64'] },
    { os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    { os: ['linux', 'darwin'] },
  ])('wants an optional package for %o', (limits) => {
    expect(compare({ ...tool, ...limits, optional: true })).toBe('node_modules/tool is missing');
  });

  test.each([
    {},
    { os: ['win32'], cpu: ['x64'] },
    { os: ['linux'], cpu: ['arm64'] },
    { os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    { cpu: ['wasm32'] },
  ])('does not want an optional package for %o', (limits) => {
    expect(compare({ ...tool, ...limits, optional: true })).toBeUndefined();
  });
});
