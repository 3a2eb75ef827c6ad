// What `puffo-agent` sees of the process it runs in. Made in bin/, and by tests. Nothing here may be heavy: `--help` loads it.
import type { OperationContext } from '@puffo/daemon/home';
import type { VersionChannel } from '@puffo/daemon/operations';
import type { InputStream, OutputStream } from '../world.ts';

export interface AgentWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the user. */
  readonly home: string;
  readonly workingFolder: string;
  readonly platform: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted when the process is asked to stop. */
  readonly stop: AbortSignal;
  /** Failures that nobody waits for are given to `listener` from now on, in place of ending the process. */
  readonly onStrayFailure?: (listener: (reason: unknown) => void) => void;
  /** In place of the system's clock, processes and release channel. */
  readonly substitutes?: Partial<Pick<OperationContext, 'now' | 'readArguments'>> & {
    readonly channel?: VersionChannel;
  };
}
