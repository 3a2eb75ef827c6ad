// `puffo-agent …` without the process: arguments and a world in, an exit code out. What only some commands need is loaded
// when they run: help answers about as fast as Node starts. spec: daemon-and-cli 4.1
import type { AgentCall, ExitCode } from './agent-command.ts';
import { AGENT_COMMANDS } from './agent-command-table.ts';
import type { AgentWorld } from './agent-world.ts';
import { helpText, nameOf, usageText } from './help-text.ts';
import { parseLine, type ParsedLine } from './parse-line.ts';
import { StoppedError } from './stopped-error.ts';
import { VERSION } from '../version.ts';

const STOPPED = 130;

/** Never throws: what goes wrong is a sentence and an exit code. */
export async function runAgentCli(args: readonly string[], world: AgentWorld): Promise<ExitCode> {
  const parsed = parseLine(args, AGENT_COMMANDS);
  if (parsed.kind === 'run') return runCommand(parsed, world);
  if (parsed.kind === 'wrong') {
    world.stderr.write(`${usageText(parsed.words)}\n${nameOf(parsed.words)}: error: ${parsed.problem}\n`);
    return 2;
  }
  world.stdout.write(parsed.kind === 'version' ? `puffo-agent ${VERSION}\n` : `${helpText(parsed.words)}\n`);
  return 0;
}

type ParsedCommand = Extract<ParsedLine, { kind: 'run' }>;

async function runCommand(parsed: ParsedCommand, world: AgentWorld): Promise<ExitCode> {
  const { command, argumentValues, optionValues } = parsed;
  const [{ run }, { openContext }] = await Promise.all([command.load(), import('./open-context.ts')]);

  function note(line: string): void {
    world.stderr.write(`${line}\n`);
  }

  try {
    const { context, finish } = openContext(world, note);
    const call: AgentCall = {
      context,
      world,
      argument: (name) => argumentValues.get(name) ?? '',
      text(flag) {
        const value = optionValues.get(flag);
        return typeof value === 'string' ? value : undefined;
      },
      integer(flag) {
        const value = optionValues.get(flag);
        return typeof value === 'number' ? value : undefined;
      },
      has: (flag) => optionValues.has(flag),
      print: (line) => void world.stdout.write(`${line}\n`),
      note,
    };
    try {
      return await run(call);
    } finally {
      finish();
    }
  } catch (error) {
    if (world.stop.aborted || error instanceof StoppedError) return STOPPED;
    const { explainAgentFailure } = await import('./explain-agent-failure.ts');
    const { text, exitCode } = explainAgentFailure(error);
    note(text);
    return exitCode;
  }
}
