// How a line of `puffo-agent` is read: by the rules that scripts for 0.7.2 rely on.
import { describe, expect, it } from 'vitest';
import { AGENT_COMMANDS } from '../src/puffo-agent/agent-command-table.ts';
import { helpText, usageText } from '../src/puffo-agent/help-text.ts';
import { parseLine } from '../src/puffo-agent/parse-line.ts';
import { parseToolList } from '../src/puffo-agent/parse-tool-list.ts';
import { formatUptime } from '../src/puffo-agent/format-local-time.ts';
import { createAgentHome } from './kit/agent-home.ts';

function parse(...args: readonly string[]) {
  const parsed = parseLine(args, AGENT_COMMANDS);
  if (parsed.kind !== 'run') return parsed;
  return {
    run: parsed.command.name,
    ...Object.fromEntries(parsed.argumentValues),
    ...Object.fromEntries(parsed.optionValues),
  };
}

describe('parseLine', () => {
  it.each([
    ['a value behind the option', ['stop', '--timeout', '5'], { run: 'stop', timeout: 5 }],
    ['a value behind =', ['stop', '--timeout=5'], { run: 'stop', timeout: 5 }],
    ['a prefix', ['stop', '--t', '5'], { run: 'stop', timeout: 5 }],
    [
      'a prefix with =',
      ['agent', 'create', '--id', 'x', '--disp=Bot'],
      { run: 'agent create', id: 'x', 'display-name': 'Bot' },
    ],
    [
      'an option that is a prefix of nothing else',
      ['agent', 'create', '--i=x', '--no-m'],
      { run: 'agent create', id: 'x', 'no-mention': true },
    ],
    ['an empty value', ['agent', 'runtime', 'x', '--model', ''], { run: 'agent runtime', id: 'x', model: '' }],
    ['an empty value behind =', ['agent', 'runtime', 'x', '--model='], { run: 'agent runtime', id: 'x', model: '' }],
    [
      'a value with = in it',
      ['agent', 'runtime', 'x', '--base-url=http://h/?a=b'],
      { run: 'agent runtime', id: 'x', 'base-url': 'http://h/?a=b' },
    ],
    ['a value that begins with a dash behind =', ['agent', 'create', '--id=-bad'], { run: 'agent create', id: '-bad' }],
    ['a negative number', ['stop', '--timeout', '-5'], { run: 'stop', timeout: -5 }],
    [
      'a text with blanks that begins with a dash',
      ['agent', 'rename', 'x', '- new name'],
      { run: 'agent rename', id: 'x', display_name: '- new name' },
    ],
    ['a lone dash', ['agent', 'rename', 'x', '-'], { run: 'agent rename', id: 'x', display_name: '-' }],
    [
      'options before and behind arguments',
      ['agent', 'export', '--force', 'x', 'out'],
      { run: 'agent export', id: 'x', dest: 'out', force: true },
    ],
    [
      'whatever stands behind --',
      ['agent', 'rename', 'x', '--', '--name'],
      { run: 'agent rename', id: 'x', display_name: '--name' },
    ],
    ['the last of two values', ['stop', '--timeout', '5', '--timeout', '6'], { run: 'stop', timeout: 6 }],
  ])('takes %s', (_name, args, expected) => {
    expect(parse(...args)).toEqual(expected);
  });

  it.each([
    ['nothing', [], '', 'the following arguments are required: command'],
    [
      'an unknown command',
      ['start-up'],
      '',
      /^invalid choice: 'start-up' \(choose from [a-z, -]*config, start, stop, /,
    ],
    ['a group alone', ['agent'], 'agent', 'the following arguments are required: subcommand'],
    [
      'an unknown command of a group',
      ['agent', 'delete'],
      'agent',
      /^invalid choice: 'delete' \(choose from create, list, /,
    ],
    [
      'a prefix of several options',
      ['agent', 'create', '--p', 'x'],
      'agent create',
      'ambiguous option: --p could match --profile, --provider',
    ],
    ['an unknown option', ['status', '--verbose'], '', 'unrecognized arguments: --verbose'],
    ['a short option', ['status', '-v'], '', 'unrecognized arguments: -v'],
    ['an argument too many', ['agent', 'show', 'x', 'y'], '', 'unrecognized arguments: y'],
    ['an option without its value', ['stop', '--timeout'], 'stop', 'argument --timeout: expected one argument'],
    [
      'an option in place of a value',
      ['agent', 'create', '--id', '--no-dm'],
      'agent create',
      'argument --id: expected one argument',
    ],
    ['no number', ['stop', '--timeout', '5s'], 'stop', "argument --timeout: invalid int value: '5s'"],
    [
      'no choice',
      ['agent', 'create', '--id', 'x', '--runtime', 'vm'],
      'agent create',
      /^argument --runtime: invalid choice: 'vm' \(choose from chat-local, /,
    ],
    [
      'a value for a switch',
      ['agent', 'list', '--json=yes'],
      'agent list',
      "argument --json: ignored explicit argument 'yes'",
    ],
    [
      'missing arguments and options',
      ['agent', 'export'],
      'agent export',
      'the following arguments are required: id, dest',
    ],
    ['an option of another level', ['--json', 'status'], '', 'unrecognized arguments: --json'],
  ])('refuses %s', (_name, args, words, problem) => {
    expect(parse(...args)).toEqual({
      kind: 'wrong',
      words,
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    });
  });

  it.each([
    [['-h'], { kind: 'help', words: '' }],
    [['--he'], { kind: 'help', words: '' }],
    [['agent', '--help'], { kind: 'help', words: 'agent' }],
    [['agent', 'create', '--id', 'x', '-h'], { kind: 'help', words: 'agent create' }],
    [['--version'], { kind: 'version' }],
  ])('answers %j', (args, expected) => {
    expect(parse(...args)).toEqual(expected);
  });
});

describe('help', () => {
  it.each(AGENT_COMMANDS.map(({ name }) => name))('of %s names every argument and option', (name) => {
    const command = AGENT_COMMANDS.find((each) => each.name === name);
    const text = helpText(name);
    for (const { flag } of command?.options ?? []) expect(text).toContain(`--${flag}`);
    for (const { name: argument } of command?.arguments ?? []) expect(text).toContain(argument);
    expect(usageText(name)).toMatch(new RegExp(`^usage: puffo-agent ${name} \\[-h\\]`));
  });

  it('of the program names every command once', () => {
    const names = [...new Set(AGENT_COMMANDS.map(({ name }) => name.split(' ')[0]))];
    expect(
      helpText('')
        .match(/^ {2}[a-z][a-z-]*(?= )/gm)
        ?.map((name) => name.trim()),
    ).toEqual(names);
  });

  it.each(AGENT_COMMANDS.map((command) => [command.name, command] as const))(
    '%s can be loaded',
    async (_name, command) => {
      expect(typeof (await command.load()).run).toBe('function');
    },
  );
});

describe('parseToolList', () => {
  it.each([
    ['Read, Edit', ['Read', 'Edit']],
    ['Bash(git log, git diff), Read', ['Bash(git log, git diff)', 'Read']],
    [' , ,', []],
    ['', []],
    ['a)(,b),c', ['a)(,b)', 'c']],
  ])('splits %j', (text, tools) => expect(parseToolList(text)).toEqual(tools));
});

describe('formatUptime', () => {
  it.each([
    [0, '0s'],
    [59, '59s'],
    [60, '1m0s'],
    [3599, '59m59s'],
    [3600, '1h0m'],
    [7260, '2h1m'],
    [360_000, '100h0m'],
  ])('shows %d s as %s', (seconds, text) => expect(formatUptime(seconds)).toBe(text));
});

describe('output', () => {
  it('of status, list, show, pairing and api is JSON when it is asked for', async () => {
    await using home = await createAgentHome();
    await home.run(['agent', 'create', '--id', 'x', '--api-key', 'k-secret']);
    const lines = [['status'], ['agent', 'list'], ['agent', 'show', 'x'], ['pairing', 'show'], ['api', 'status']];
    const results = await Promise.all(lines.map((line) => home.run([...line, '--json'])));
    for (const { out, exitCode } of results) {
      expect(exitCode).toBe(0);
      expect(out).toMatch(/^[[{].*[\]}]\n$/);
      expect(out).not.toContain('k-secret');
    }
    expect(results[0]?.out).toBe(
      `{"daemon":{"state":"not-running"},"home":"${home.home}","agents":[{"id":"x","display_name":"x","state":"running","runtime":null}]}\n`,
    );
  });

  it('cannot be used by a name to write on the terminal', async () => {
    await using home = await createAgentHome();
    await home.run(['agent', 'create', '--id', 'x', '--api-key', 'k', '--display-name', '\u001b[31mred\u0007\nid: y']);
    const { out } = await home.run(['agent', 'show', 'x']);
    expect(out).not.toContain('\u001b');
    expect(out).not.toContain('\u0007');
    expect(out).not.toMatch(/^id: y/m);
  });

  it('is nothing but exit code 130 when the person stops it', async () => {
    await using home = await createAgentHome();
    const stop = AbortSignal.abort();
    const failing = {
      get now(): never {
        throw new Error('stopped in the middle');
      },
    };
    expect(await home.run(['agent', 'list'], { world: { stop, substitutes: failing } })).toEqual({
      exitCode: 130,
      out: '',
      problems: '',
    });
  });
});
