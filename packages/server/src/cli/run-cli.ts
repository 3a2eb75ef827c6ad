// `puffo-server …` without the process: arguments and a world in, an exit code out.
import { readSettings } from '../config/read-settings.ts';
import type { Settings } from '../config/settings.ts';
import { VERSION } from '../version.ts';
import { BACKUP_COMMANDS } from './backup-commands.ts';
import { checkCommand } from './check-command.ts';
import type { Command, ExitCode } from './command.ts';
import { explainFailure } from './explain-failure.ts';
import { commandHelp, generalHelp } from './help.ts';
import { IDENTITY_COMMANDS } from './identity-commands.ts';
import { INVITE_COMMANDS } from './invite-commands.ts';
import { parseLine, type ParsedLine } from './parse-line.ts';
import { startCommand } from './start-command.ts';
import type { World } from './world.ts';

export const COMMANDS: readonly Command[] = [
  startCommand,
  ...INVITE_COMMANDS,
  ...IDENTITY_COMMANDS,
  ...BACKUP_COMMANDS,
  checkCommand,
];

/** Never throws: what goes wrong is a sentence and 1. */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  let settings: Settings | undefined;

  async function run(): Promise<ExitCode> {
    const line = parseLine(args, COMMANDS);
    if (line.kind !== 'command') return printText(line, world);
    const { command, argument, options, flags } = line;
    return command.run({ world, readSettings: () => (settings = readSettings(flags, world)), argument, options });
  }

  try {
    return await run();
  } catch (error) {
    const { text, isDefect } = explainFailure(error, settings);
    world.printProblem(isDefect ? `This is a defect of puffo-server ${VERSION}, please report it:\n${text}` : text);
    return 1;
  }
}

function printText(line: Exclude<ParsedLine, { kind: 'command' }>, { print }: World): ExitCode {
  if (line.kind === 'version') print(VERSION);
  else for (const each of line.command === undefined ? generalHelp(COMMANDS) : commandHelp(line.command)) print(each);
  return 0;
}
