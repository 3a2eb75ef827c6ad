// What an engine of the Agent SDK is made of. spec: runtimes 1.6, 4
import type { ProgramEngineOptions } from '../../spec/program-options.ts';

type Shared = 'environment' | 'workspaceDir' | 'agentDir' | 'placement' | 'silenceMs';

export interface AgentSdkEngineOptions extends Pick<ProgramEngineOptions, Shared> {
  /** The folder whose `node_modules` holds the SDK. */
  readonly sdkFolder: string;
  /** A Claude Code that is used in the place of the one that the SDK brings. */
  readonly program?: string | undefined;
  /** `runtime.allowed_tools`; ours are always allowed. */
  readonly allowedTools: readonly string[];
  /** `runtime.max_turns`: how often the model is asked in one turn. */
  readonly maxTurns: number;
  /** Whether somebody is asked about what no pattern allows. Default: it is refused. */
  readonly asksOperator?: boolean | undefined;
}
