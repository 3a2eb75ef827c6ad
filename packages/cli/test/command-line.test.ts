// What every command has in common: help, mistakes on the line, exit codes.
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/commands/command-table.ts';
import { EXIT_CODES } from '../src/exit-code.ts';
import { VERSION } from '../src/version.ts';
import { createTestWorld } from './kit/test-world.ts';

describe('help', () => {
  test('is what a call without a command prints, and names every group and command', async () => {
    await using world = await createTestWorld();
    const { exitCode, out } = await world.run([]);
    expect(exitCode).toBe(0);
    expect(await world.run(['--help'])).toEqual({ exitCode, out, problems: '' });
    for (const { name } of COMMANDS) expect(out).toContain(`  ${name.split(' ')[0]} `);
  });

  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    'of %s tells what it is for, what it takes, and gives examples that can be typed',
    async (name, { summary, options = [], examples }) => {
      await using world = await createTestWorld();
      const { exitCode, out } = await world.run([...name.split(' '), '--help']);
      expect(exitCode).toBe(0);
      expect(out).toContain(summary);
      expect(out).toContain('--json');
      for (const { flag } of options) expect(out).toContain(`--${flag}`);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        expect(out).toContain(`  puffo-cli ${example}`);
        expect(example.startsWith(name)).toBe(true);
      }
    },
  );
});

test('the version is that of the package', async () => {
  await using world = await createTestWorld();
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  expect(JSON.parse(text)).toMatchObject({ version: VERSION });
  expect(await world.run(['--version'])).toEqual({ exitCode: 0, out: `${VERSION}\n`, problems: '' });
});

describe('a slip on the line is one sentence and exit code 2', () => {
  test.each([
    ['an unknown command', ['sned'], "Cannot run this: unknown command 'sned'; did you mean send?"],
    [
      'an unknown word of a group',
      ['space', 'creat'],
      "Cannot run this: unknown command 'creat'; did you mean create?",
    ],
    ['an unknown option', ['space', 'list', '--jso'], "Cannot run this: unknown option '--jso'; did you mean --json?"],
    [
      'a missing argument',
      ['space', 'create'],
      "Cannot run this: missing required argument 'name'; see puffo-cli space create --help",
    ],
    [
      'a surplus argument',
      ['whoami', 'x'],
      "Cannot run this: too many arguments for 'whoami'. Expected 0 arguments but got 1; see puffo-cli whoami --help",
    ],
    [
      'an option without its value',
      ['read', 'general', '--limit'],
      "Cannot run this: option '--limit <count>' argument missing; see puffo-cli read --help",
    ],
    [
      'a missing option',
      ['signup', '--invite-code', 'x'],
      "Cannot run this: required option '--username <name>' not specified; see puffo-cli signup --help",
    ],
    ['a shell that it does not know', ['completion', 'csh'], "Cannot complete in 'csh': choose bash, zsh, fish"],
  ])('such as %s', async (_what, args, sentence) => {
    await using world = await createTestWorld();
    expect(await world.run(args)).toEqual({ exitCode: 2, out: '', problems: `${sentence}\n` });
  });
});

describe('docs/puffo-cli.md', () => {
  test('has every command with an example, every exit code, and nothing that does not exist', async () => {
    const text = await readFile(new URL('../../../docs/puffo-cli.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `([a-z ]+)` \| .+ \| `puffo-cli (.+)` \|$/gm)];
    const documented = rows.map(([, name = '', example = '']) => {
      expect(example.startsWith(name)).toBe(true);
      return name;
    });
    expect(documented.toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
    for (const code of Object.values(EXIT_CODES)) expect(text).toContain(`| ${code} |`);
  });
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('for %s knows every word and option', async (shell) => {
    await using world = await createTestWorld();
    const { exitCode, out } = await world.run(['completion', shell]);
    expect(exitCode).toBe(0);
    for (const { name, options = [] } of COMMANDS) {
      for (const word of name.split(' ')) expect(out).toContain(word);
      for (const { flag } of options) expect(out).toContain(flag);
    }
  });
});
