import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

// `@puffo/source` takes packages from their TypeScript, so a change in one is seen everywhere without a build.
const NODE_CONDITIONS = ['@puffo/source', 'node'];
/** Tests that drive them. */
const REAL_PROGRAMS = '**/*.real.test.ts';
const BROWSER_CONDITIONS = ['@puffo/source', 'browser'];

// The tests of the protocol run twice: its `imports` in package.json choose other primitives for other conditions.
export default defineConfig({
  test: {
    reporters: ['default', './tools/test-summary-reporter.mjs'],
    projects: [
      defineProject({ name: 'base', folder: 'packages/base', conditions: NODE_CONDITIONS }),
      defineProject({
        name: 'protocol-node',
        folder: 'packages/protocol',
        conditions: NODE_CONDITIONS,
        exclude: '**/*.browser.test.ts',
      }),
      defineProject({
        name: 'protocol-browser',
        folder: 'packages/protocol',
        conditions: BROWSER_CONDITIONS,
        exclude: '**/*.node.test.ts',
      }),
      defineProject({ name: 'sql', folder: 'packages/sql', conditions: NODE_CONDITIONS }),
      defineProject({ name: 'host', folder: 'packages/host', conditions: NODE_CONDITIONS }),
      defineProject({ name: 'agent', folder: 'packages/agent', conditions: NODE_CONDITIONS }),
      defineProject({ name: 'engine', folder: 'packages/engine', conditions: NODE_CONDITIONS }),
      ...defineEngines(),
      defineProject({ name: 'daemon', folder: 'packages/daemon', conditions: NODE_CONDITIONS }),
      defineProject({ name: 'client', folder: 'packages/client', conditions: NODE_CONDITIONS }),
      defineProject({ name: 'server', folder: 'packages/server', conditions: NODE_CONDITIONS }),
      defineProject({ name: 'testbed', folder: 'packages/testbed', conditions: NODE_CONDITIONS }),
      defineProject({ name: 'cli', folder: 'packages/cli', conditions: NODE_CONDITIONS }),
      { test: { name: 'tools', include: ['tools/**/*.test.mjs'] } },
    ],
  },
});

/** Drivers against the real programs: only where they are installed, see tools/test-engines.mjs. */
function defineEngines(): readonly TestProjectInlineConfiguration[] {
  // oxlint-disable-next-line node/no-process-env -- what tools/test-engines.mjs says
  if (process.env['PUFFO_ENGINE_CLIS'] === undefined) return [];
  const project = defineProject({ name: 'engines', folder: 'packages/engine', conditions: NODE_CONDITIONS });
  const include = [`packages/*/test/${REAL_PROGRAMS}`];
  const { exclude } = configDefaults;
  // Foreign programs: what fails once may be theirs. The summary says which tests were tried again.
  return [
    { ...project, test: { ...project.test, include, exclude, retry: 1, testTimeout: 180_000, fileParallelism: false } },
  ];
}

interface ProjectOptions {
  readonly name: string;
  readonly folder: string;
  readonly conditions: readonly string[];
  /** Tests of the other environment. */
  readonly exclude?: string;
}

function defineProject({ name, folder, conditions, exclude }: ProjectOptions): TestProjectInlineConfiguration {
  return {
    // Vitest loads tests the way a server is loaded: the plain `resolve.conditions` would be ignored without a word.
    ssr: { resolve: { conditions: [...conditions] } },
    test: {
      name,
      include: [`${folder}/{src,test}/**/*.test.ts`],
      exclude: [...configDefaults.exclude, REAL_PROGRAMS, ...(exclude === undefined ? [] : [exclude])],
      globalSetup: 'tools/build-before-tests.mjs',
      isolate: false,
      // Properties try thousands of inputs; on a busy machine that takes its time.
      testTimeout: 60_000,
    },
  };
}
