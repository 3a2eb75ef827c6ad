// Questions of agents, as commands see and answer them. Apart from the other operations: it brings the database with it.
export { showArguments, type ShownArguments, visibleJson } from '@puffo/agent';
export {
  type ApprovalChange,
  type ApprovalChanging,
  type ApprovalList,
  type ApprovalOutcome,
  changeApproval,
  listApprovals,
  type ListedApproval,
  showApproval,
} from '../operations/approvals.ts';
