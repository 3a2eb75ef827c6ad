// spec: daemon-and-cli 4.4
import { stopDaemon } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from '../agent-command.ts';

const DEFAULT_TIMEOUT_SECONDS = 60;

export async function run({ context, integer, print, note, world }: AgentCall): Promise<ExitCode> {
  const result = await stopDaemon(context, {
    timeoutSeconds: integer('timeout') ?? DEFAULT_TIMEOUT_SECONDS,
    onRequested({ pid, timeoutSeconds }) {
      print(`requested daemon shutdown (pid=${pid}); waiting up to ${timeoutSeconds}s...`);
    },
  });
  switch (result.kind) {
    case 'not-running':
      print('daemon: not running');
      return 0;
    case 'stale':
      print(`daemon: not running (stale pid file at ${result.pidFile})`);
      return 0;
    case 'stopped':
      print('daemon stopped');
      if (result.successor !== undefined)
        note(`warning: another daemon has started meanwhile (pid=${result.successor})`);
      return 0;
    case 'timed-out':
      note(
        `warning: daemon (pid=${result.pid}) still runs after ${result.timeoutSeconds}s. ${forceAdvice(result.pid, world.platform)}`,
      );
      return 1;
  }
}

function forceAdvice(pid: number, platform: string): string {
  const command = platform === 'win32' ? `taskkill /F /PID ${pid}` : `kill -9 ${pid}`;
  return `To end it by force: ${command}. Containers of agents keep running then; stop them with docker stop.`;
}
