// `puffo-cli …` without the process: arguments and a world in, an exit code out.
import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import type { Call, CommandDefinition } from './command.ts';
import { COMMANDS } from './commands/command-table.ts';
import { createProgram, explainUsage, isAnswered, nameCommand, type ParsedCall } from './create-program.ts';
import { EXIT_CODES, type ExitCode } from './exit-code.ts';
import { explainFailure } from './explain-failure.ts';
import { createPrompts } from './input/prompts.ts';
import { formatJson } from './output/format-json.ts';
import { createTerminal, type Terminal } from './output/terminal.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/** Never throws: what goes wrong is a sentence and an exit code. */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  const terminal = createTerminal(world);
  const program = createProgram(COMMANDS, {
    stdout: world.stdout,
    stderr: world.stderr,
    onCall: (parsed) => runCommand(parsed, { world, terminal }),
  });
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' });
    return EXIT_CODES.done;
  } catch (error) {
    return reportFailure(error, { args, terminal });
  }
}

interface Surroundings {
  readonly world: World;
  readonly terminal: Terminal;
}

async function runCommand(parsed: ParsedCall, { world, terminal }: Surroundings): Promise<void> {
  const { definition, globals, argumentValues, optionValues } = parsed;
  const prompts = createPrompts(world);
  const call: Call = {
    world,
    terminal,
    prompts,
    globals,
    argument: (name) => argumentValues[name] ?? '',
    findArgument: (name) => argumentValues[name],
    option(flag) {
      const value = optionValues[flag];
      return typeof value === 'string' ? value : undefined;
    },
    options(flag) {
      const value = optionValues[flag];
      return typeof value === 'object' ? value : [];
    },
    hasFlag: (flag) => optionValues[flag] === true,
  };
  try {
    const outcome = await endsWithStop(definition, call);
    if (outcome === undefined) return;
    if (globals.isJson) terminal.print(formatJson(outcome.json));
    else for (const line of outcome.lines) terminal.print(line);
  } finally {
    prompts.close();
  }
}

/** A command that waits for a server need not know of signals to be stopped by one. */
async function endsWithStop({ run, isLive }: CommandDefinition, call: Call) {
  if (isLive === true) return run(call);
  const { stop } = call.world;
  const ended = new AbortController();
  const stopped = new Promise<never>((_resolve, reject) => {
    function giveUp(): void {
      reject(new CliError('stopped', 'Stopped before it was done: look before you do it again'));
    }
    stop.addEventListener('abort', giveUp, { once: true, signal: ended.signal });
  });
  try {
    return await Promise.race([run(call), stopped]);
  } finally {
    ended.abort();
  }
}

interface FailedRun {
  readonly args: readonly string[];
  readonly terminal: Terminal;
}

function reportFailure(error: unknown, { args, terminal }: FailedRun): ExitCode {
  if (error instanceof CommanderError) {
    if (!isAnswered(error)) terminal.note(explainUsage(error, nameCommand(args, COMMANDS)));
    return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  }
  const { text, exitCode, isDefect } = explainFailure(error);
  terminal.note(isDefect ? `This is a defect of puffo-cli ${VERSION}, please report it:\n${text}` : text);
  return exitCode;
}
