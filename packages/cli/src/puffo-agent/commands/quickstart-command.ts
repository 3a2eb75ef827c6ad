import { runQuickstart } from '../../quickstart/run-quickstart.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';

export async function run(call: AgentCall): Promise<ExitCode> {
  return runQuickstart(call);
}
