// The table of commands as a commander program: parsing, help, suggestions.
import { Argument, Command, type CommanderError, Option } from 'commander';
import type { ArgumentDefinition, CommandDefinition, Globals, OptionDefinition } from './command.ts';
import type { OutputStream } from './world.ts';
import { VERSION } from './version.ts';

const PROGRAM_NAME = 'puffo-cli';

const GROUPS: Readonly<Record<string, string>> = {
  identity: 'the identities of this machine',
  agent: 'agents that you vouch for',
  device: 'the devices of your identity',
  space: 'spaces and who is in them',
  channel: 'channels of a space',
  invites: 'invitations that wait for you',
  profile: 'what you say about yourself',
};

export interface ParsedCall extends Pick<ParsedValues, 'argumentValues' | 'optionValues'> {
  readonly definition: CommandDefinition;
  readonly globals: Globals;
}

interface ParsedValues {
  readonly argumentValues: Readonly<Record<string, string | undefined>>;
  readonly optionValues: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

export interface ProgramOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly onCall: (call: ParsedCall) => Promise<void>;
}

/** `parseAsync` fails with a `CommanderError` for help and version too, which it has printed then. */
export function createProgram(definitions: readonly CommandDefinition[], options: ProgramOptions): Command {
  const program = new Command(PROGRAM_NAME);
  program
    .description('Everything a person needs from a terminal. Messages are end-to-end encrypted.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .option('--server <url>', 'address of the chat server; otherwise that of the identity')
    .option('--slug <slug>', 'act as this identity; otherwise the current one')
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${PROGRAM_NAME} COMMAND --help shows what a command takes, with examples.`);
  configure(program, options);
  for (const definition of definitions) addCommand(program, definition, options);
  return program;
}

/** Before the first child is added: children take it over. */
function configure(command: Command, { stdout, stderr }: ProgramOptions): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
      // `runCli` says it in its own words.
      outputError: () => undefined,
    });
}

function addCommand(program: Command, definition: CommandDefinition, options: ProgramOptions): void {
  const words = definition.name.split(' ');
  const name = words.at(-1) ?? '';
  const parent = words.length === 1 ? program : findGroup(program, words[0] ?? '');
  const command = parent.command(name).description(definition.summary);
  for (const argument of definition.arguments ?? []) command.addArgument(toArgument(argument));
  for (const option of definition.options ?? []) command.addOption(toOption(option));
  command.addHelpText('after', describeFurther(definition));
  command.action(async () => {
    await options.onCall({ definition, globals: readGlobals(command), ...readValues(command, definition) });
  });
}

function findGroup(program: Command, name: string): Command {
  const known = program.commands.find((command) => command.name() === name);
  return (
    known ??
    program
      .command(name)
      .description(GROUPS[name] ?? '')
      .helpCommand(false)
  );
}

function toArgument({ name, help, isOptional }: ArgumentDefinition): Argument {
  return new Argument(isOptional === true ? `[${name}]` : `<${name}>`, help);
}

function toOption({ flag, value, help, isRequired, isRepeatable }: OptionDefinition): Option {
  const option = new Option(value === undefined ? `--${flag}` : `--${flag} <${value}>`, help);
  if (isRequired === true) option.makeOptionMandatory();
  if (isRepeatable === true) {
    option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
  }
  return option;
}

function describeFurther({ examples, notes = [] }: CommandDefinition): string {
  const lines = [...notes, ...(notes.length === 0 ? [] : ['']), 'Examples:'];
  return `\n${[...lines, ...examples.map((example) => `  ${PROGRAM_NAME} ${example}`)].join('\n')}`;
}

function readGlobals(command: Command): Globals {
  const { server, slug, json } = command.optsWithGlobals<{ server?: string; slug?: string; json?: boolean }>();
  return { server, slug, isJson: json === true };
}

function readValues(command: Command, definition: CommandDefinition): ParsedValues {
  const names = (definition.arguments ?? []).map(({ name }) => name);
  const entries: (readonly [string, string | undefined])[] = names.map((name, at) => [name, command.args[at]]);
  const own = command.opts<Record<string, string | boolean | readonly string[] | undefined>>();
  const optionValues = Object.fromEntries(
    (definition.options ?? []).map(({ flag }) => [flag, own[new Option(`--${flag}`).attributeName()]]),
  );
  return { argumentValues: Object.fromEntries(entries), optionValues };
}

/** Whether commander has printed what was asked for, and nothing is wrong. */
export function isAnswered({ code }: CommanderError): boolean {
  return code === 'commander.helpDisplayed' || code === 'commander.version' || code === 'commander.help';
}

/** The command that a line was meant for, as far as it can be told; empty: none. */
export function nameCommand(args: readonly string[], definitions: readonly CommandDefinition[]): string {
  const found = definitions.find(({ name }) => name.split(' ').every((word, at) => args[at] === word));
  return found?.name ?? '';
}

/** Commander's sentence as one of ours: `error: unknown command 'sned'\n(Did you mean send?)` */
export function explainUsage({ message }: CommanderError, commandName: string): string {
  const [problem = '', hint = ''] = message.replace(/^error: /, '').split('\n');
  const meant = /Did you mean (?:one of )?(.+)\?/.exec(hint)?.[1];
  const advice =
    meant === undefined
      ? `see ${[PROGRAM_NAME, commandName, '--help'].filter((word) => word !== '').join(' ')}`
      : `did you mean ${meant}?`;
  return `Cannot run this: ${problem.replace(/\.$/, '')}; ${advice}`;
}
