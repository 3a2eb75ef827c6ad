// Keeps the workers in step with the home: files and flags decide who lives. spec: daemon-and-cli 2.4 to 2.8
import type { ApprovalChanging, ApprovalOutcome } from '../operations/approvals.ts';
import type { RuntimeFacts } from '../worker/runtime-keeper.ts';

export interface LiveAgent {
  readonly id: string;
  /** `undefined`: there is no worker. */
  readonly facts: RuntimeFacts | undefined;
}

export interface Supervisor extends AsyncDisposable {
  /** Looks at the home now. Resolves when every worker that this stops has stopped; starting goes on by itself. */
  reconcile(): Promise<void>;
  list(): readonly LiveAgent[];
  /** `undefined`: the agent does not live, and its file is nobody's. */
  changeApproval(changing: ApprovalChanging): Promise<ApprovalOutcome | undefined>;
  /**
   * Resolves when the agent has come to rest: online, failed, offline, or without a worker; after `timeoutMs` with what it is
   * then. Reconciles first.
   */
  settle(id: string, options: { readonly timeoutMs: number }): Promise<LiveAgent>;
}
