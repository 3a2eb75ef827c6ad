// A command line by the rules of 0.7.2: long options may be cut to a prefix that only one of them has, values follow or
// stand behind `=`, and what begins with a dash is a value in the second form only. spec: daemon-and-cli 4.1
import type { AgentCommand, AgentOption, OptionValue } from './agent-command.ts';

export type ParsedLine =
  | {
      readonly kind: 'run';
      readonly command: AgentCommand;
      readonly argumentValues: ReadonlyMap<string, string>;
      readonly optionValues: ReadonlyMap<string, OptionValue>;
    }
  /** `words`: of a command or a group, empty: of the program. */
  | { readonly kind: 'help'; readonly words: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly words: string; readonly problem: string };

const HELP: AgentOption = { flag: 'help', short: 'h', kind: 'switch', help: 'show this' };
const VERSION: AgentOption = { flag: 'version', kind: 'switch', help: 'print the version' };

export function parseLine(args: readonly string[], commands: readonly AgentCommand[]): ParsedLine {
  return descend({ args, words: '', commands });
}

interface Level {
  readonly args: readonly string[];
  readonly words: string;
  /** Below `words`. */
  readonly commands: readonly AgentCommand[];
}

/** Down to a command; options of the levels above it are help and version only. */
function descend({ args, words, commands }: Level): ParsedLine {
  const options = words === '' ? [HELP, VERSION] : [HELP];
  const extras: string[] = [];
  for (const [at, arg] of args.entries()) {
    const token = classify(arg, options);
    if (token.kind === 'wrong') return { kind: 'wrong', words, problem: token.problem };
    if (token.kind === 'unknown') extras.push(arg);
    else if (token.kind === 'option') return token.option === HELP ? { kind: 'help', words } : { kind: 'version' };
    else return choose({ name: arg, rest: args.slice(at + 1), extras, level: { args, words, commands } });
  }
  const usual = words === '' ? undefined : commands.find(({ isDefault }) => isDefault);
  if (usual !== undefined) return readCommand(usual, args);
  return {
    kind: 'wrong',
    words,
    problem: `the following arguments are required: ${words === '' ? 'command' : 'subcommand'}`,
  };
}

interface Choice {
  readonly name: string;
  readonly rest: readonly string[];
  readonly extras: readonly string[];
  readonly level: Level;
}

function choose({ name, rest, extras, level: { words, commands } }: Choice): ParsedLine {
  const full = words === '' ? name : `${words} ${name}`;
  const command = commands.find((each) => each.name === full);
  const below = commands.filter((each) => each.name.startsWith(`${full} `));
  if (command === undefined && below.length === 0) {
    const depth = words === '' ? 0 : 1;
    const names = [...new Set(commands.map((each) => each.name.split(' ')[depth]))].join(', ');
    return { kind: 'wrong', words, problem: `invalid choice: '${name}' (choose from ${names})` };
  }
  const parsed =
    command === undefined ? descend({ args: rest, words: full, commands: below }) : readCommand(command, rest);
  if (extras.length === 0 || parsed.kind !== 'run') return parsed;
  return { kind: 'wrong', words: '', problem: `unrecognized arguments: ${extras.join(' ')}` };
}

function readCommand(command: AgentCommand, args: readonly string[]): ParsedLine {
  const words = command.name;
  const options = [HELP, ...(command.options ?? [])];
  const optionValues = new Map<string, OptionValue>();
  const positionals: string[] = [];
  const extras: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') {
      positionals.push(...args.slice(at + 1));
      break;
    }
    const token = classify(arg, options);
    if (token.kind === 'wrong') return { kind: 'wrong', words, problem: token.problem };
    if (token.kind === 'unknown') extras.push(arg);
    else if (token.kind === 'positional') positionals.push(arg);
    else if (token.option === HELP) return { kind: 'help', words };
    else {
      const next = args[at + 1];
      const isNextValue = next !== undefined && classify(next, options).kind === 'positional' && next !== '--';
      const value = readValue(token, isNextValue ? next : undefined);
      if (value.kind === 'wrong') return { kind: 'wrong', words, problem: value.problem };
      optionValues.set(token.option.flag, value.value);
      if (value.isNextTaken) at++;
    }
  }
  return finish({ command, optionValues, positionals, extras });
}

interface ReadWords {
  readonly command: AgentCommand;
  readonly optionValues: ReadonlyMap<string, OptionValue>;
  readonly positionals: readonly string[];
  readonly extras: readonly string[];
}

function finish({ command, optionValues, positionals, extras }: ReadWords): ParsedLine {
  const expected = command.arguments ?? [];
  const missing = [
    ...expected.slice(positionals.length).map(({ name }) => name),
    ...(command.options ?? []).flatMap(({ flag, isRequired }) =>
      isRequired === true && !optionValues.has(flag) ? [`--${flag}`] : [],
    ),
  ];
  if (missing.length > 0) {
    return {
      kind: 'wrong',
      words: command.name,
      problem: `the following arguments are required: ${missing.join(', ')}`,
    };
  }
  const unrecognized = [...positionals.slice(expected.length), ...extras];
  if (unrecognized.length > 0) {
    return { kind: 'wrong', words: '', problem: `unrecognized arguments: ${unrecognized.join(' ')}` };
  }
  const argumentValues = new Map(expected.map(({ name }, at) => [name, positionals[at] ?? '']));
  return { kind: 'run', command, argumentValues, optionValues };
}

type Token =
  | { readonly kind: 'positional' }
  | { readonly kind: 'option'; readonly option: AgentOption; readonly given: string | undefined }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'wrong'; readonly problem: string };

const NEGATIVE_NUMBER = /^-\d+$|^-\d*\.\d+$/;

function classify(arg: string, options: readonly AgentOption[]): Token {
  if (!arg.startsWith('-') || arg === '-') return { kind: 'positional' };
  const byLetter = options.find(({ short }) => short !== undefined && arg === `-${short}`);
  if (byLetter !== undefined) return { kind: 'option', option: byLetter, given: undefined };
  const [, flag = '', , given] = /^--([^=]*)(=([\s\S]*))?$/.exec(arg) ?? [];
  const exact = options.find((option) => option.flag === flag);
  if (exact !== undefined) return { kind: 'option', option: exact, given };
  const [only, ...others] = flag === '' ? [] : options.filter((option) => option.flag.startsWith(flag));
  if (only !== undefined && others.length > 0) {
    const matches = [only, ...others].map((option) => `--${option.flag}`).join(', ');
    return { kind: 'wrong', problem: `ambiguous option: --${flag} could match ${matches}` };
  }
  if (only !== undefined) return { kind: 'option', option: only, given };
  // Not an option, whatever it looks like.
  return NEGATIVE_NUMBER.test(arg) || arg.includes(' ') ? { kind: 'positional' } : { kind: 'unknown' };
}

type ReadValue =
  | { readonly kind: 'value'; readonly value: OptionValue; readonly isNextTaken: boolean }
  | { readonly kind: 'wrong'; readonly problem: string };

function readValue(
  { option, given }: { readonly option: AgentOption; readonly given: string | undefined },
  next: string | undefined,
): ReadValue {
  const name = `argument --${option.flag}`;
  if (option.kind === 'switch') {
    if (given === undefined) return { kind: 'value', value: true, isNextTaken: false };
    return { kind: 'wrong', problem: `${name}: ignored explicit argument '${given}'` };
  }
  const text = given ?? next;
  if (text === undefined) return { kind: 'wrong', problem: `${name}: expected one argument` };
  const { choices } = option;
  if (choices !== undefined && !choices.includes(text)) {
    return { kind: 'wrong', problem: `${name}: invalid choice: '${text}' (choose from ${choices.join(', ')})` };
  }
  const isNextTaken = given === undefined;
  if (option.kind === 'text') return { kind: 'value', value: text, isNextTaken };
  if (!/^\s*[-+]?\d{1,15}\s*$/.test(text)) return { kind: 'wrong', problem: `${name}: invalid int value: '${text}'` };
  return { kind: 'value', value: Number(text), isNextTaken };
}
