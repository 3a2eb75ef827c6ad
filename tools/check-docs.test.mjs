import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkDocs } from './check-docs.mjs';
import { makeTree } from './temporary-tree.mjs';

/** Problems of one document in a small repository. */
function check(text, path = 'docs/architecture.md') {
  const tree = {
    'packages/base/src/json.ts': '',
    'packages/base/package.json': {},
    'docs/glossary.md': '',
    'package.json': {},
    [path]: text,
  };
  return checkDocs(makeTree(tree));
}

describe('paths in backticks', () => {
  test.each([
    '`packages/base/src/json.ts`',
    '`packages/base/`',
    '`base/src/json.ts`',
    '`packages/base/src/json.ts:12`',
    '`json.ts`',
    '`./glossary.md`',
    '`../package.json`',
  ])('accepts %s, which exists', (text) => {
    expect(check(text)).toEqual([]);
  });

  test.each(['packages/base/src/jason.ts', 'base/src/jason.ts', 'daemon/src/worker.ts', 'jason.ts', './glossar.md'])(
    'refuses `%s`, which does not',
    (path) => {
      expect(check(`# Title\n\nSee \`${path}\`.`)).toEqual([`docs/architecture.md:3: '${path}' does not exist`]);
    },
  );

  test.each([
    '`@noble/curves`',
    '`npm run bench -- protocol`',
    '`packages/*/src/index.ts`',
    '`engine/src/drivers/<name>/driver.ts`',
    '`~/.puffo-agent/agent.yml`',
    '`agent.yml`',
    '`https://example.org/base/src/x.ts`',
    '`application/json`',
    '`packages/base/dist/index.js`',
    '```\nbase/src/not-yet.ts\n`base/src/not-yet.ts`\n```',
  ])('passes over %j, which is no path of the repository', (text) => {
    expect(check(text)).toEqual([]);
  });

  test('keeps line numbers after a code block', () => {
    expect(check('```\na\nb\n```\n`base/src/no.ts`')).toEqual([
      "docs/architecture.md:5: 'base/src/no.ts' does not exist",
    ]);
  });
});

describe('links', () => {
  test.each([
    '[a](glossary.md)',
    '[a](./glossary.md#word)',
    '[a](https://example.org/x.md)',
    '[a](#here)',
    '[a](../docs)',
  ])('accepts %s', (text) => {
    expect(check(text)).toEqual([]);
  });

  test.each(['no.md', '../no.md', 'no.md#word', '../packages/no'])('refuses a link to %s', (target) => {
    const path = target.split('#')[0];
    expect(check(`[a](${target})`)).toEqual([`docs/architecture.md:1: the link to '${path}' leads nowhere`]);
  });
});

describe('paths of one machine', () => {
  test.each(['/home/ada', '/Users/ada', '/root/puffo', '/mnt/puffo', 'C:\\Users\\ada'])('refuses %s', (path) => {
    expect(check(`run it in ${path}`)).toEqual([`docs/architecture.md:1: '${path}' is a path of one machine`]);
    expect(check(`\`\`\`\ncd ${path}\n\`\`\``)).toHaveLength(1);
  });

  test('refuses the folder of the checkout', () => {
    const root = makeTree({});
    writeFileSync(join(root, 'README.md'), `See ${root}/packages.\n`);
    expect(checkDocs(root)).toEqual([`README.md:1: '${root}' is a path of one machine`]);
  });

  test.each(['GET /users/:id', 'https://example.org/home/ada', '~/.puffo-agent', 'docs/home/start', '/etc/puffo'])(
    'accepts %s',
    (text) => {
      expect(check(text)).toEqual([]);
    },
  );
});

describe('documents', () => {
  test.each(['README.md', 'CONTRIBUTING.md', 'docs/decisions/0001-x.md', 'packages/base/README.md'])(
    'include %s',
    (path) => {
      expect(check('`base/src/no.ts`', path)).toEqual([`${path}:1: 'base/src/no.ts' does not exist`]);
    },
  );

  test('do not include the specification', () => {
    expect(check('`base/src/no.ts`', 'docs/spec/wire.md')).toEqual([]);
  });
});

describe('examples in TypeScript', () => {
  const example = (comment) => `${comment}\`\`\`ts\nconst one = 1;\n\`\`\`\n`;
  const checkAgainst = (source, text) =>
    checkDocs(makeTree({ 'package.json': {}, 'example.ts': source, 'README.md': text }));

  test('are pieces of a file that is compiled, whatever their indentation', () => {
    expect(checkAgainst('{\n  const one = 1;\n}\n', example('<!-- from example.ts -->\n'))).toEqual([]);
  });

  test.each([
    ['const two = 2;\n', '<!-- from example.ts -->\n', 'README.md:1: the example is not a piece of example.ts'],
    ['', '<!-- from missing.ts -->\n', "README.md:1: 'missing.ts' does not exist"],
    ['const one = 1;\n', '', "README.md:1: an example needs '<!-- from FILE -->' in front of it"],
  ])('that are not are named', (source, comment, problem) => {
    expect(checkAgainst(source, example(comment))).toEqual([problem]);
  });
});
