import { editProfile } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from '../agent-command.ts';

export async function run({ context, argument }: AgentCall): Promise<ExitCode> {
  await editProfile(context, { id: argument('id') });
  return 0;
}
