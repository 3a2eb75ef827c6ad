import { renameAgent } from '@puffo/daemon/operations';
import { cleanName } from '../../output/clean-text.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';

export async function run({ context, argument, print }: AgentCall): Promise<ExitCode> {
  const id = argument('id');
  const name = await renameAgent(context, { id, displayName: argument('display_name') });
  print(`agent '${id}' display_name set to '${cleanName(name)}' in agent.yml; its profile in the chat is unchanged.`);
  return 0;
}
