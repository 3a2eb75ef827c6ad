// spec: daemon-and-cli 2.1, 4.3
import { runDaemon } from '@puffo/daemon/run';
import { puffoServerProgram } from '../../programs.ts';
import { VERSION } from '../../version.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { findReleaseChannel } from '../release-channel.ts';

/** Ends when the process is asked to stop; what it has to say goes to standard error. */
export async function run({ context, text, has, world }: AgentCall): Promise<ExitCode> {
  const logLevel = text('log-level');
  const signal = has('stop-with-input') ? AbortSignal.any([world.stop, endOf(world.stdin)]) : world.stop;
  const exitCode = await runDaemon({
    context: { ...context, signal },
    ...(logLevel === undefined ? {} : { logLevel }),
    stderr: world.stderr,
    version: VERSION,
    serverProgram: puffoServerProgram(),
    channel: findReleaseChannel(world),
    ...(world.onStrayFailure === undefined ? {} : { onStrayFailure: world.onStrayFailure }),
  });
  return exitCode === 0 ? 0 : exitCode === 2 ? 2 : 1;
}

/** A pipe ends with the process that holds its other end, however that process ends. */
function endOf(stdin: AgentCall['world']['stdin']): AbortSignal {
  const ended = new AbortController();
  stdin.on('end', () => ended.abort()).on('error', () => ended.abort());
  stdin.resume();
  return ended.signal;
}
