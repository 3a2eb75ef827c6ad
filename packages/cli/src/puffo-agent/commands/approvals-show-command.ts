// spec: runtimes 5.9
import { showApproval, visibleJson } from '@puffo/daemon/approvals';
import { isJsonObject } from '@puffo/base';
import { cleanName } from '../../output/clean-text.ts';
import { formatJson } from '../../output/format-json.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { approvalToJson } from '../approval-to-json.ts';
import { formatLocalTime } from '../format-local-time.ts';

const MAX_DESCRIPTION_CHARACTERS = 2000;

export async function run({ context, argument, has, print }: AgentCall): Promise<ExitCode> {
  const approval = await showApproval(context, argument('id'));
  if (has('json')) {
    print(formatJson(approvalToJson(approval)));
    return 0;
  }
  const { agentId, state, toolName, input, description, askedAt, closesAt } = approval;
  print(`agent: ${cleanName(agentId)}`);
  print(`tool: ${cleanName(toolName)}`);
  print(`state: ${state}`);
  print(`asked: ${formatLocalTime(askedAt)}`);
  if (closesAt !== undefined) print(`open until: ${formatLocalTime(closesAt)}`);
  if (description !== '') print(`description: ${cleanName(description, MAX_DESCRIPTION_CHARACTERS)}`);
  print('arguments:');
  const entries = isJsonObject(input) ? Object.entries(input) : [['input', input] as const];
  for (const [key, value] of entries) if (value !== undefined) print(`    ${visibleJson(key)}: ${visibleJson(value)}`);
  return 0;
}
