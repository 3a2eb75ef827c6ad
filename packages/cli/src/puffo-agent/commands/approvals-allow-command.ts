// spec: runtimes 5.9
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { changeApprovalBy } from '../change-approval-by.ts';

export function run(call: AgentCall): Promise<ExitCode> {
  return changeApprovalBy(call, 'allow');
}
