// One agent that lives: it listens, takes turns and answers, until it is stopped. spec: daemon-and-cli 3
import type { AgentConfig } from '@puffo/agent/config';
import type { ApprovalChanging, ApprovalOutcome } from '../operations/approvals.ts';
import type { AgentPaths } from '../home/home.ts';
import type { RuntimeKeeper } from './runtime-keeper.ts';
import type { WorkerHost } from './worker-host.ts';

export interface Worker extends AsyncDisposable {
  readonly agentId: string;
  /** Absent while it works. A failed worker does nothing any more; its owner disposes it and may start another one. */
  readonly failure: WorkerFailure | undefined;
  /** Resolves when nothing heavy is under way any more: it listens, it failed, or it was stopped. Never rejects. */
  readonly warm: Promise<void>;
  /** Resolves when it has failed or was stopped. Never rejects. */
  readonly ended: Promise<void>;
  /** Of the same agent; what needs a restart has not changed. */
  applyConfig(config: AgentConfig): void;
  /** Keys may be other ones now: what waited for them is tried again. */
  retryDeferred(): void;
  /** By the operator, at this computer. `undefined`: it is not warm. */
  changeApproval(changing: ApprovalChanging): Promise<ApprovalOutcome | undefined>;
  /** Lets a running turn end, at most so long; then it is cancelled, and its messages wait for the next run. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

export interface WorkerFailure {
  /** For people: one sentence that says what to do. */
  readonly message: string;
  /** Whether the cause may go away by itself, or by something that is no change of `agent.yml`. */
  readonly mayPass: boolean;
}

export interface WorkerOptions {
  readonly agent: AgentPaths;
  readonly config: AgentConfig;
  readonly host: WorkerHost;
  /** Of this worker; its owner closes it after the worker. */
  readonly keeper: RuntimeKeeper;
  /** One warm-up at a time: runs `work` when it is this worker's turn. */
  readonly warmUp: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** Returns at once. What goes wrong is `failure`, and stands in `runtime.json`. */
export type StartWorker = (options: WorkerOptions) => Worker;
