// spec: daemon-and-cli 4.14, D-18
import { archiveAgent } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { isThere } from '../is-there.ts';
import { askDaemon } from '../ask-daemon.ts';

export async function run(call: AgentCall): Promise<ExitCode> {
  const { context, argument, print } = call;
  const id = argument('id');
  const asked = await askDaemon(call, {
    operation: 'archive-agent',
    input: { id },
    // Its exact name is not known any more.
    lookUp: async () =>
      (await isThere(context, id)) ? undefined : { destination: context.home.archivedFolder, wasPaused: true },
  });
  if (asked === undefined) {
    const destination = await archiveAgent(context, {
      id,
      onPaused: () => print(`flipped '${id}' to paused; waiting for daemon to release it...`),
    });
    print(`archived '${id}' → ${destination}`);
    return 0;
  }
  const { destination, wasPaused } = asked.result;
  if (!wasPaused) print(`flipped '${id}' to paused; the daemon has released it`);
  print(`archived '${id}' → ${destination}`);
  return 0;
}
