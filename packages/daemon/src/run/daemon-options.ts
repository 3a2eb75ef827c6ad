import type { VersionChannel } from '../operations/check-update.ts';
import type { OperationContext } from '../operations/context.ts';
import type { StartWorker } from '../worker/worker.ts';
import type { OpenEngine } from '../worker/worker-host.ts';

export interface DaemonOptions {
  /** `signal` ends the daemon. */
  readonly context: OperationContext;
  /** What the person chose; the variable, or `info`, otherwise. */
  readonly logLevel?: string | undefined;
  readonly stderr: { write(text: string): unknown };
  readonly version: string;
  /** What runs `puffo-server`, before its arguments: for a home with a server of its own. */
  readonly serverProgram?: readonly string[] | undefined;
  /** Where releases are; absent for a clone of the repository. */
  readonly channel?: VersionChannel | undefined;
  /** One defect in one agent must not take the others with it: failures that nobody waits for are logged. */
  readonly onStrayFailure?: (listener: (reason: unknown) => void) => void;
  readonly overrides?: DaemonOverrides;
}

/** For tests. */
export interface DaemonOverrides {
  readonly openEngine?: OpenEngine;
  readonly startWorker?: StartWorker;
  readonly pid?: number;
}
