import { describe, expect, test } from 'vitest';
import { fillSections, findVariables } from './check-reference.mjs';
import { renderCommandDetails, renderCommandList } from './reference/render-commands.mjs';
import { makeTree } from './temporary-tree.mjs';

const BEGIN = '<!-- begin fruit (node tools/reference.mjs --write) -->';
const END = '<!-- end fruit -->';

describe('a section', () => {
  test('gets its lines between its comments, and the text around it stays', () => {
    const before = `Before\n\n${BEGIN}\nold\n${END}\n\nAfter\n`;
    const after = fillSections(before, { fruit: ['| a |', '| b |'] });
    expect(after).toBe(`Before\n\n${BEGIN}\n\n| a |\n| b |\n\n${END}\n\nAfter\n`);
    expect(fillSections(after, { fruit: ['| a |', '| b |'] })).toBe(after);
  });

  test('that nothing makes is refused', () => {
    expect(() => fillSections(`${BEGIN}\n${END}\n`, {})).toThrow("Cannot fill section 'fruit'");
  });
});

test('variables are found where puffo-agent reads them, tests and other programs left out', () => {
  const tree = makeTree({
    'packages/daemon/src/a.ts': "const a = environment['ONE'];\nexport const HOME_VARIABLE = 'TWO';",
    'packages/daemon/src/a.test.ts': "env['OF_A_TEST']",
    'packages/client/src/node/b.ts': "readProxy(environment, 'THREE')",
    'packages/cli/src/c.ts': "world.env['OF_PUFFO_CLI']",
    'packages/server/src/d.ts': "env['OF_THE_SERVER']",
  });
  expect(findVariables(tree)).toEqual(['ONE', 'THREE', 'TWO']);
});

describe('a command', () => {
  const command = {
    name: 'agent create',
    summary: 'make a new agent',
    arguments: [{ name: 'dest', help: 'where' }],
    options: [
      { flag: 'display-name', kind: 'text', isRequired: true, help: 'name' },
      { flag: 'kind', kind: 'text', choices: ['a', 'b'], help: 'which' },
      { flag: 'force', short: 'f', kind: 'switch', help: 'do it' },
    ],
  };

  test('is listed with what it needs', () => {
    expect(renderCommandList([command])).toContain(
      '| `puffo-agent agent create --display-name DISPLAY_NAME DEST` | make a new agent |',
    );
  });

  test('is described with usage, arguments and options', () => {
    expect(renderCommandDetails([command], (name) => `usage: puffo-agent ${name}`)).toEqual([
      '### agent create',
      '',
      'Make a new agent.',
      '',
      '```',
      'usage: puffo-agent agent create',
      '```',
      '',
      '| Part | Meaning |',
      '|---|---|',
      '| `dest` | where |',
      '| `--display-name DISPLAY_NAME` | needed; name |',
      '| `--kind KIND` | which: `a`, `b` |',
      '| `-f, --force` | do it |',
    ]);
  });
});
