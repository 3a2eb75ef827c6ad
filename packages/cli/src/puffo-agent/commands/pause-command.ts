import { pauseAgent } from '@puffo/daemon/operations';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { reportState } from '../report-state.ts';

export async function run(call: AgentCall): Promise<ExitCode> {
  const id = call.argument('id');
  return reportState(call, { id, state: 'paused', change: await pauseAgent(call.context, { id }) });
}
