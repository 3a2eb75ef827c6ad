// The command line and the environment of Gemini CLI. Neither holds a prompt. spec: runtimes 5.2, 10.4
import { posix } from 'node:path';
import type { ProgramCommand } from '../../program/program-placement.ts';
import type { ProgramEngineOptions } from '../../spec/program-options.ts';
import type { ApprovalPlan } from './approval-plan.ts';

/** Below the program's home. Reports about failures go there, with the whole conversation in them. */
export const SCRATCH_FOLDER = '.gemini/puffo-tmp';
export const TOKEN_VARIABLE = 'PUFFO_TOOL_TOKEN';

const DEFAULT_MODEL = 'gemini-2.5-pro';

export interface CommandFacts {
  readonly model: string;
  readonly approval: ApprovalPlan;
  readonly toolToken: string | undefined;
}

export function buildGeminiCommand(
  { program, environment, workspaceDir, agentDir }: ProgramEngineOptions,
  { model, approval, toolToken }: CommandFacts,
): ProgramCommand {
  return {
    program,
    // Trust for this run only: with GEMINI_CLI_TRUST_WORKSPACE settings in the workspace, which the agent writes, would win.
    args: ['--acp', '--skip-trust', `--approval-mode=${approval.flag}`, `--model=${chooseModel(model)}`],
    environment: {
      ...environment,
      TMPDIR: posix.join(environment['HOME'] ?? agentDir, SCRATCH_FOLDER),
      // One process instead of a launcher with a child.
      GEMINI_CLI_NO_RELAUNCH: 'true',
      ...(toolToken === undefined ? {} : { [TOKEN_VARIABLE]: toolToken }),
    },
    folder: workspaceDir,
  };
}

/** Without a model, or with `auto`, every turn begins with a request that chooses one. */
export function chooseModel(model: string): string {
  const plain = model.replace(/\[[^\]]*\]$/, '').trim();
  return plain === '' || plain === 'auto' ? DEFAULT_MODEL : plain;
}
