// Usage and help of the program, a group or a command.
import type { AgentCommand, AgentOption } from './agent-command.ts';
import { AGENT_COMMANDS, GROUPS } from './agent-command-table.ts';

const PROGRAM = 'puffo-agent';
const WIDTH = 80;
const COLUMN = 24;

export function usageText(words: string): string {
  const command = findCommand(words);
  const head = `usage: ${nameOf(words)}`;
  const parts = command === undefined ? listParts(words) : commandParts(command);
  return wrap(head, parts);
}

export function helpText(words: string): string {
  const command = findCommand(words);
  const lines = command === undefined ? describeGroup(words) : describeCommand(command);
  return [usageText(words), '', ...lines].join('\n');
}

export function nameOf(words: string): string {
  return words === '' ? PROGRAM : `${PROGRAM} ${words}`;
}

function findCommand(words: string): AgentCommand | undefined {
  return AGENT_COMMANDS.find(({ name }) => name === words);
}

function listParts(words: string): readonly string[] {
  return [
    ...(words === '' ? ['[-h]', '[--version]'] : ['[-h]']),
    `{${childrenOf(words)
      .map(([name]) => name)
      .join(',')}}`,
    '...',
  ];
}

/** Name and summary of what stands one level below. */
function childrenOf(words: string): readonly (readonly [string, string])[] {
  if (words !== '') {
    return AGENT_COMMANDS.filter(({ name }) => name.startsWith(`${words} `)).map(({ name, summary }) => [
      name.slice(words.length + 1),
      summary,
    ]);
  }
  const names = new Set(AGENT_COMMANDS.map(({ name }) => name.split(' ')[0] ?? ''));
  return [...names].map((name) => [name, GROUPS[name] ?? findCommand(name)?.summary ?? '']);
}

function commandParts({ options = [], arguments: expected = [] }: AgentCommand): readonly string[] {
  const named = options.map((option) => (option.isRequired === true ? formOf(option) : `[${shortFormOf(option)}]`));
  return ['[-h]', ...named, ...expected.map(({ name }) => name)];
}

function formOf({ flag, short, kind, choices }: AgentOption): string {
  if (kind === 'switch') return short === undefined ? `--${flag}` : `-${short}, --${flag}`;
  const value = choices === undefined ? flag.replaceAll('-', '_').toUpperCase() : `{${choices.join(',')}}`;
  return `--${flag} ${value}`;
}

/** In a usage line, one spelling is enough. */
function shortFormOf(option: AgentOption): string {
  return option.short === undefined ? formOf(option) : `-${option.short}`;
}

function describeGroup(words: string): readonly string[] {
  const about =
    words === ''
      ? 'Runs AI agents as members of a chat. Files are in $PUFFO_AGENT_HOME or ~/.puffo-agent.'
      : (GROUPS[words] ?? '');
  return [
    about,
    '',
    'commands:',
    ...childrenOf(words).map(([name, summary]) => row(name, summary)),
    '',
    'options:',
    row('-h, --help', 'show this'),
    ...(words === '' ? [row('--version', 'print the version')] : []),
  ];
}

function describeCommand({ summary, options = [], arguments: expected = [] }: AgentCommand): readonly string[] {
  const positionals =
    expected.length === 0 ? [] : ['', 'arguments:', ...expected.map(({ name, help }) => row(name, help))];
  const named = options.map((option) => row(formOf(option), option.help));
  return [summary, ...positionals, '', 'options:', row('-h, --help', 'show this'), ...named];
}

function row(name: string, help: string): string {
  const start = `  ${name}`;
  return start.length < COLUMN ? start.padEnd(COLUMN) + help : `${start}\n${' '.repeat(COLUMN)}${help}`;
}

function wrap(head: string, parts: readonly string[]): string {
  const indent = ' '.repeat(head.length + 1);
  const lines: string[] = [];
  let line = head;
  for (const part of parts) {
    if (line.length + 1 + part.length > WIDTH && line !== indent.trimEnd()) {
      lines.push(line);
      line = indent + part;
    } else line += ` ${part}`;
  }
  return [...lines, line].join('\n');
}
