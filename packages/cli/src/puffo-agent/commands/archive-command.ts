// spec: daemon-and-cli 4.14
import { archiveAgent } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from '../agent-command.ts';

export async function run({ context, argument, print }: AgentCall): Promise<ExitCode> {
  const id = argument('id');
  const destination = await archiveAgent(context, {
    id,
    onPaused: () => print(`flipped '${id}' to paused; waiting for daemon to release it...`),
  });
  print(`archived '${id}' → ${destination}`);
  return 0;
}
