// The words after `puffo-server` to a command and what it is told. Every mistake is one sentence.
import { parseArgs } from 'node:util';
import { AdministratorError } from '../config/administrator-error.ts';
import { SETTING_NAMES, SETTING_ROWS, type SettingRow } from '../config/setting-rows.ts';
import type { Command } from './command.ts';
import { suggest } from './suggest.ts';

export type ParsedLine =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly argument: string;
      readonly options: Readonly<Record<string, string>>;
      /** Settings, by flag. */
      readonly flags: Readonly<Record<string, string>>;
    };

interface Flag {
  readonly name: string;
  readonly takesValue: boolean;
  readonly isSetting: boolean;
}

const HELP_WORDS: readonly string[] = ['help', '--help', '-h'];
const VERSION_WORDS: readonly string[] = ['version', '--version', '-v'];

export function parseLine(args: readonly string[], commands: readonly Command[]): ParsedLine {
  const [first] = args;
  if (first === undefined || HELP_WORDS.includes(first)) {
    return { kind: 'help', command: findCommand(args.slice(1), commands)?.command };
  }
  if (VERSION_WORDS.includes(first)) return { kind: 'version' };
  const found = findCommand(args, commands);
  if (found === undefined) throw unknownCommand(args, commands);
  const { command, rest } = found;
  if (rest.some((word) => word === '--help' || word === '-h')) return { kind: 'help', command };
  return { kind: 'command', command, ...readRest(rest, command) };
}

function listFlags(command: Command): readonly Flag[] {
  const rows: readonly SettingRow<unknown>[] = SETTING_NAMES.map((name) => SETTING_ROWS[name]);
  return [
    ...(command.options ?? []).map(({ flag, value }) => ({
      name: flag,
      takesValue: value !== undefined,
      isSetting: false,
    })),
    ...rows.flatMap(({ flag, value, scope }) => {
      if (flag === undefined || (command.scope === 'data' && scope === 'server')) return [];
      return [{ name: flag, takesValue: value !== undefined, isSetting: true }];
    }),
  ];
}

function findCommand(args: readonly string[], commands: readonly Command[]) {
  const command = commands.find(({ name }) => name.split(' ').every((word, index) => word === args[index]));
  return command === undefined ? undefined : { command, rest: args.slice(command.name.split(' ').length) };
}

function unknownCommand([first = '', second]: readonly string[], commands: readonly Command[]): AdministratorError {
  const names = commands.map(({ name }) => name);
  const group = names.filter((name) => name.startsWith(`${first} `));
  if (group.length > 0) {
    const what =
      second === undefined ? `'${first}' alone is no command` : `There is no command '${first} ${cut(second)}'`;
    return new AdministratorError('usage', `${what}: use ${joinWords(group)}`);
  }
  const words = [...new Set(names.map((name) => name.split(' ')[0] ?? ''))];
  const guess = suggest(first, words);
  const hint = guess === undefined ? 'see puffo-server --help' : `did you mean '${guess}'?`;
  return new AdministratorError('usage', `There is no command '${cut(first)}': ${hint}`);
}

function readRest(rest: readonly string[], command: Command) {
  const known = listFlags(command);
  const options = Object.fromEntries(
    known.map(({ name, takesValue }) => [name, { type: takesValue ? ('string' as const) : ('boolean' as const) }]),
  );
  const { tokens } = parseArgs({ args: [...rest], options, strict: false, allowPositionals: true, tokens: true });
  const flags: Record<string, string> = {};
  const own: Record<string, string> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { flag, text } = readFlag(token, { known, command });
    (flag.isSetting ? flags : own)[flag.name] = text;
  }
  return { argument: readArgument(positionals, command), options: own, flags };
}

interface OptionToken {
  readonly rawName: string;
  readonly name: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readFlag(
  { rawName, name, value, inlineValue }: OptionToken,
  { known, command }: { readonly known: readonly Flag[]; readonly command: Command },
): { readonly flag: Flag; readonly text: string } {
  const isNegated = name.startsWith('no-') && known.some((flag) => !flag.takesValue && `no-${flag.name}` === name);
  const flag = known.find((each) => each.name === (isNegated ? name.slice('no-'.length) : name));
  if (flag === undefined || !rawName.startsWith('--')) throw unknownFlag(rawName, { known, command });
  if (!flag.takesValue) {
    if (isNegated && value !== undefined) throw new AdministratorError('usage', `${rawName} takes no value: remove it`);
    return { flag, text: isNegated ? 'no' : (value ?? 'yes') };
  }
  // Otherwise `--data-dir --port 80` would make a folder called `--port`.
  const isMissing = value === undefined || (inlineValue !== true && value.startsWith('--'));
  if (isMissing)
    throw new AdministratorError('usage', `${rawName} needs a value: see puffo-server ${command.name} --help`);
  return { flag, text: value };
}

function unknownFlag(
  rawName: string,
  { known, command }: { readonly known: readonly Flag[]; readonly command: Command },
): AdministratorError {
  const guess = suggest(
    rawName,
    known.map(({ name }) => `--${name}`),
  );
  const hint = guess === undefined ? `see puffo-server ${command.name} --help` : `did you mean ${guess}?`;
  return new AdministratorError('usage', `'${command.name}' has no option ${cut(rawName)}: ${hint}`);
}

function readArgument(positionals: readonly string[], { name, argument }: Command): string {
  const [first, ...more] = positionals;
  const [surplus] = argument === undefined ? positionals : more;
  if (surplus !== undefined) {
    throw new AdministratorError('usage', `'${name}' does not know what to do with '${cut(surplus)}': remove it`);
  }
  if (argument === undefined) return '';
  if (first !== undefined && first !== '') return first;
  throw new AdministratorError('usage', `'${name}' needs a ${argument}: puffo-server ${name} ${argument}`);
}

function joinWords(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(' or ');
}

function cut(text: string): string {
  return text.slice(0, 60);
}
