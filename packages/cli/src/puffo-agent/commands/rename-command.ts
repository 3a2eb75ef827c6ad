// spec: daemon-and-cli 4.12
import { renameAgent, showAgent } from '@puffo/daemon/operations';
import { cleanName } from '../../output/clean-text.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { askDaemon } from '../ask-daemon.ts';

export async function run(call: AgentCall): Promise<ExitCode> {
  const { context, argument, print } = call;
  const id = argument('id');
  const displayName = argument('display_name');
  const asked = await askDaemon(call, {
    operation: 'rename-agent',
    input: { id, displayName },
    async lookUp() {
      const { displayName: stored } = await showAgent(context, { id });
      return stored === displayName.trim() ? { displayName: stored } : undefined;
    },
  });
  const name = asked?.result.displayName ?? (await renameAgent(context, { id, displayName }));
  print(`agent '${id}' display_name set to '${cleanName(name)}' in agent.yml; its profile in the chat is unchanged.`);
  return 0;
}
