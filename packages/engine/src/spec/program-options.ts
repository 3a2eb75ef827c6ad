// What every engine that runs a program is made of: where it runs is somebody else's business, so that a container is only
// another way to start it. spec: runtimes 5.2, 10.2.10
import type { ProgramPlacement } from '../program/program-placement.ts';

export interface ProgramEngineOptions {
  /** Absolute path, or what the placement understands. */
  readonly program: string;
  /** Exactly what the program gets; nothing is inherited. Secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute, as the program sees it; its working directory. */
  readonly workspaceDir: string;
  /** The agent's folder, as the daemon sees it: HOME of the program, and where generated files go. */
  readonly agentDir: string;
  /** `runtime.permission_mode`; the driver refuses what it cannot keep. */
  readonly permissionMode: string;
  readonly placement: ProgramPlacement;
  /** ms without a turn, after which the program is ended; the next turn starts it with its session. 0: never. */
  readonly idleShutdownMs: number;
  /** ms without any output in a turn, after which the program is interrupted, then ended. */
  readonly silenceMs: number;
}
