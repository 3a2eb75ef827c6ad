// spec: runtimes 5.9
import { listApprovals, type ListedApproval, showArguments } from '@puffo/daemon/approvals';
import { cleanName } from '../../output/clean-text.ts';
import { formatJson } from '../../output/format-json.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { approvalToJson } from '../approval-to-json.ts';
import { formatLocalTime } from '../format-local-time.ts';

const MAX_LINES = 6;

export async function run({ context, has, print }: AgentCall): Promise<ExitCode> {
  const { open, rules } = await listApprovals(context);
  if (has('json')) {
    print(formatJson({ open: open.map(approvalToJson), rules: rules.map(approvalToJson) }));
    return 0;
  }
  if (open.length === 0) print('(no open questions)');
  for (const approval of open) showApproval(approval, print);
  if (open.length > 0) print('Answer with: puffo-agent approvals allow|deny|always <id>');
  if (rules.length === 0) return 0;
  print('');
  print('Always allowed:');
  for (const rule of rules) showApproval(rule, print);
  print('Take back with: puffo-agent approvals revoke <id>');
  return 0;
}

function showApproval(approval: ListedApproval, print: (line: string) => void): void {
  const { agentId, approvalId, toolName, input, askedAt, closesAt } = approval;
  const until = closesAt === undefined ? '' : `, open until ${formatLocalTime(closesAt)}`;
  print(
    `${cleanName(approvalId)}  ${cleanName(agentId)}: ${cleanName(toolName)}  (asked ${formatLocalTime(askedAt)}${until})`,
  );
  const { lines } = showArguments(input);
  for (const line of lines.slice(0, MAX_LINES)) print(`    ${line}`);
  if (lines.length > MAX_LINES) print(`    … see puffo-agent approvals show ${approvalId}`);
}
