// One answer to a question of an agent: through the daemon that runs it, or on its file. spec: runtimes 5.9
import { type ApprovalChange, type ApprovalOutcome, changeApproval, showApproval } from '@puffo/daemon/approvals';
import { DaemonError } from '@puffo/daemon/home';
import { cleanName } from '../output/clean-text.ts';
import type { AgentCall, ExitCode } from './agent-command.ts';
import { askDaemon } from './ask-daemon.ts';

const STATES = { allow: 'allowed', always: 'always', deny: 'denied' } as const;

export async function changeApprovalBy(call: AgentCall, change: ApprovalChange): Promise<ExitCode> {
  const { context } = call;
  const approvalId = call.argument('id');
  const { agentId: id } = await showApproval(context, approvalId);
  const changing = { id, approvalId, change };

  async function lookUp(): Promise<ApprovalOutcome | undefined> {
    const { state } = await showApproval(context, approvalId);
    return change !== 'revoke' && state === STATES[change] ? { kind: 'decided', state } : undefined;
  }

  const asked = await askDaemon(call, { operation: 'change-approval', input: changing, lookUp });
  return report(call, change, asked?.result ?? (await changeApproval(context, changing)));
}

function report({ print, argument }: AgentCall, change: ApprovalChange, { kind, state }: ApprovalOutcome): ExitCode {
  const id = cleanName(argument('id'));
  switch (kind) {
    case 'decided':
      print(`question '${id}' answered: ${DECISIONS[change]}`);
      return 0;
    case 'revoked':
      print(`question '${id}': it is asked about again from now on`);
      return 0;
    case 'closed':
      throw new DaemonError(closedText(id, change, state), { code: 'failed' });
    case 'unknown':
      throw new DaemonError(`question '${id}' not found; see puffo-agent approvals`, { code: 'not-found' });
  }
}

const DECISIONS: Readonly<Record<ApprovalChange, string>> = {
  allow: 'allowed once',
  always: 'always allowed with exactly these arguments',
  deny: 'denied',
  revoke: 'revoked',
};

function closedText(id: string, change: ApprovalChange, state: ApprovalOutcome['state']): string {
  if (change === 'revoke') return `question '${id}' has no rule that could be revoked`;
  const hint = state === 'always' && change === 'deny' ? '; take it back with puffo-agent approvals revoke' : '';
  return `question '${id}' is not open any more: it is ${state ?? 'closed'}${hint}`;
}
