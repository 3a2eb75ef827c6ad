import { describe, expect, test } from 'vitest';
import { ARROWS, checkLayers } from './check-layers.mjs';
import { ROOT } from './repository.mjs';
import { makeTree } from './temporary-tree.mjs';

/** `protocol` above `base`, with a test project, as it should be. */
const GOOD_TREE = {
  'tsconfig.json': { references: [{ path: 'packages/base' }, { path: './packages/protocol/' }] },
  'packages/base/package.json': { name: '@puffo/base', exports: { '.': './src/index.ts' } },
  'packages/base/tsconfig.json': { references: [{ path: 'tsconfig.src.json' }] },
  'packages/base/tsconfig.src.json': { include: ['src'] },
  'packages/base/src/index.ts': `export { one } from './one.ts';\n`,
  'packages/base/src/one.ts': 'export const one = 1;\n',
  'packages/protocol/package.json': { name: '@puffo/protocol', dependencies: { '@puffo/base': '0.1.0', zod: '4' } },
  'packages/protocol/tsconfig.json': { references: [{ path: 'tsconfig.src.json' }, { path: 'tsconfig.test.json' }] },
  'packages/protocol/tsconfig.src.json': { references: [{ path: '../base/tsconfig.src.json' }] },
  'packages/protocol/tsconfig.test.json': {
    references: [{ path: '../base/tsconfig.src.json' }, { path: 'tsconfig.src.json' }],
  },
  'packages/protocol/src/deep/two.ts': `import { one } from '@puffo/base';\nexport { three } from '../three.ts';\n`,
};

function check(changes = {}) {
  return checkLayers(makeTree({ ...GOOD_TREE, ...changes }));
}

describe('checkLayers', () => {
  test('accepts a tree that follows the table', () => {
    expect(check()).toEqual([]);
  });

  test('finds nothing in this repository that cannot be read', () => {
    expect(() => checkLayers(ROOT)).not.toThrow();
  });

  test('lets every package name only packages that stand above it', () => {
    const order = Object.keys(ARROWS);
    for (const [name, allowed] of Object.entries(ARROWS)) {
      expect(order.slice(0, order.indexOf(name))).toEqual(expect.arrayContaining(allowed));
    }
  });
});

describe('package.json', () => {
  test.each(['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'])(
    'refuses an arrow that is not in the table, in %s',
    (field) => {
      const manifest = { name: '@puffo/base', exports: { '.': '' }, [field]: { '@puffo/protocol': '0.1.0' } };
      expect(check({ 'packages/base/package.json': manifest })).toContain(
        "packages/base/package.json: 'base' must not depend on 'protocol'",
      );
    },
  );

  test('refuses a package that is not in the table', () => {
    expect(check({ 'packages/extra/package.json': { name: '@puffo/extra' } })).toContain(
      "packages/extra: package 'extra' is not in the table of tools/check-layers.mjs",
    );
  });

  test('refuses a name that is not the name of the folder', () => {
    expect(check({ 'packages/base/package.json': { name: '@puffo/basis', exports: { '.': '' } } })).toEqual([
      "packages/base/package.json: name is '@puffo/basis', not '@puffo/base'",
    ]);
  });

  test('lets every package use the testbed, in tests only', () => {
    const manifest = { name: '@puffo/base', exports: { '.': '' } };
    const testbed = { '@puffo/testbed': '0.1.0' };
    const problem = "packages/base/package.json: 'base' must not depend on 'testbed'";
    expect(check({ 'packages/base/package.json': { ...manifest, devDependencies: testbed } })).not.toContain(problem);
    expect(check({ 'packages/base/package.json': { ...manifest, dependencies: testbed } })).toContain(problem);
  });
});

describe('references', () => {
  test.each(['src', 'test', 'node', 'browser'])(
    'refuses a %s project without the reference of a dependency',
    (kind) => {
      const path = `packages/protocol/tsconfig.${kind}.json`;
      expect(check({ [path]: { references: [] } })).toContain(
        `${path}: 'protocol' depends on 'base' and does not reference it`,
      );
    },
  );

  test('refuses a reference without a dependency', () => {
    const manifest = { name: '@puffo/protocol' };
    expect(check({ 'packages/protocol/package.json': manifest })).toContain(
      "packages/protocol/tsconfig.src.json: references 'base', on which 'protocol' does not depend",
    );
  });

  test('refuses a project or a package that no solution names', () => {
    const changes = {
      'tsconfig.json': { references: [{ path: 'packages/base' }] },
      'packages/protocol/tsconfig.json': { references: [{ path: 'tsconfig.src.json' }] },
    };
    expect(check(changes)).toEqual([
      "tsconfig.json: 'packages/protocol' is missing in references",
      "packages/protocol/tsconfig.json: 'packages/protocol/tsconfig.test.json' is missing in references",
    ]);
  });
});

describe('imports', () => {
  test.each([
    ['an import', `import { one } from '@puffo/sql';`],
    ['a type import', `import type { One } from "@puffo/sql";`],
    ['a type in place', `type One = import('@puffo/sql').One;`],
    ['a dynamic import', 'await import(`@puffo/sql`);'],
    ['an import for effect', `import '@puffo/sql';`],
    ['a re-export', `export * from '@puffo/sql';`],
    ['an import over several lines', `import {\n  one,\n} from '@puffo/sql';`],
  ])('refuses %s of a package that is not declared', (_, code) => {
    const line = code.split('\n').length;
    expect(check({ 'packages/protocol/src/a.ts': code })).toEqual([
      `packages/protocol/src/a.ts:${line}: '@puffo/sql' is not declared in packages/protocol/package.json`,
    ]);
  });

  test('refuses a path inside another package that it does not export', () => {
    expect(check({ 'packages/protocol/src/a.ts': `import '@puffo/base/src/one.ts';` })).toEqual([
      "packages/protocol/src/a.ts:1: '@puffo/base' does not export './src/one.ts'",
    ]);
  });

  test('accepts a path that the other package exports', () => {
    const manifest = { name: '@puffo/base', exports: { '.': '', './testing': '' } };
    const changes = {
      'packages/base/package.json': manifest,
      'packages/protocol/src/a.ts': `import '@puffo/base/testing';`,
    };
    expect(check(changes)).toEqual([]);
  });

  test('refuses a relative path that leaves the package', () => {
    expect(check({ 'packages/protocol/test/a.test.ts': `import '../../base/src/one.ts';` })).toEqual([
      "packages/protocol/test/a.test.ts:1: '../../base/src/one.ts' leaves the package",
    ]);
  });

  test('refuses a relative path to a package whose name only starts the same', () => {
    expect(check({ 'packages/base/src/a.ts': `import '../../base-two/one.ts';` })).toEqual([
      "packages/base/src/a.ts:1: '../../base-two/one.ts' leaves the package",
    ]);
  });

  test('lets tests and benchmarks, and nothing else, import their own package by name', () => {
    const code = `import '@puffo/base';`;
    expect(check({ 'packages/base/bench/a.bench.ts': code, 'packages/base/src/a.test.ts': code })).toEqual([]);
    expect(check({ 'packages/base/src/a.ts': code })).toEqual([
      "packages/base/src/a.ts:1: '@puffo/base' imports itself by name",
    ]);
  });

  test('passes over comments, strings and generated folders', () => {
    const changes = {
      'packages/protocol/src/a.ts': [
        `// import '@puffo/sql';`,
        `/* from '@puffo/sql' */`,
        `const text = "import '@puffo/sql'";`,
        'const other = `from "@puffo/sql"`;',
        `const from = Array.from('@puffo/sql');`,
      ].join('\n'),
      'packages/protocol/dist/a.js': `import '@puffo/sql';`,
      'packages/protocol/node_modules/a/a.js': `import '@puffo/sql';`,
    };
    expect(check(changes)).toEqual([]);
  });
});
