import type { AgentCall, ExitCode } from '../agent-command.ts';
import { changeState } from '../change-state.ts';

export function run(call: AgentCall): Promise<ExitCode> {
  return changeState(call, 'running');
}
