// Help and reference text, made from the tables of commands and settings.
import { SETTING_NAMES, SETTING_ROWS, type SettingRow } from '../config/setting-rows.ts';
import type { Command } from './command.ts';

const ROWS: readonly SettingRow<unknown>[] = SETTING_NAMES.map((name) => SETTING_ROWS[name]);

export function generalHelp(commands: readonly Command[]): readonly string[] {
  const rows = commands.map((command) => [usage(command), command.summary] as const);
  return [
    'puffo-server: the self-hostable chat server. Messages are end-to-end encrypted; it cannot read them.',
    '',
    'Usage: puffo-server COMMAND [OPTIONS]',
    '',
    ...columns(rows),
    '',
    'puffo-server COMMAND --help tells what a command takes. Every option has an environment variable as well;',
    'what is typed comes first. A command ends with 0 when it did what it says, else with 1 and a sentence.',
  ];
}

export function commandHelp(command: Command): readonly string[] {
  const own = command.options ?? [];
  const settings = ROWS.filter(({ scope }) => command.scope === 'server' || scope === 'data');
  return [
    `puffo-server ${usage(command)}: ${command.summary}`,
    ...(own.length === 0 ? [] : ['', 'Options:']),
    ...columns(
      own.map(({ flag, value, help }) => [value === undefined ? `--${flag}` : `--${flag} ${value}`, help] as const),
    ),
    '',
    'Settings, each with its environment variable:',
    ...settings.filter(({ flag }) => flag !== undefined).flatMap((row) => describeSetting(row)),
    '',
    'Only in the environment, because they are secrets:',
    ...columns(
      settings.filter(({ flag }) => flag === undefined).map(({ environment, help }) => [environment, help] as const),
    ),
  ];
}

/** The table of settings in docs/server.md. */
export function settingsReference(): readonly string[] {
  return [
    '| Option | Environment variable | Without it | Meaning |',
    '|---|---|---|---|',
    ...ROWS.map((row) => {
      const { environment, fallback, help } = row;
      const option = row.flag === undefined ? 'environment only' : `\`${nameFlag(row)}\``;
      return `| ${option} | \`${environment}\` | ${fallback === undefined || fallback === '' ? '–' : `\`${fallback}\``} | ${help} |`;
    }),
  ];
}

function describeSetting(row: SettingRow<unknown>): readonly string[] {
  const fallback = row.fallback === undefined || row.fallback === '' ? '' : ` (${row.fallback})`;
  return [`  ${nameFlag(row)}${fallback}`, `      ${row.help}`, `      ${row.environment}`];
}

function nameFlag({ flag = '', value }: SettingRow<unknown>): string {
  return value === undefined ? `--[no-]${flag}` : `--${flag} ${value}`;
}

function usage({ name, argument }: Command): string {
  return argument === undefined ? name : `${name} ${argument}`;
}

/** Lines of aligned columns. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
