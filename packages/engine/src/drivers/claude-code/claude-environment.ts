// What Claude Code is told through its environment, beside what the daemon gives it. spec: runtimes 5.2, 10.2.10
import type { ProgramEngineOptions } from '../../spec/program-options.ts';

const DEFAULTS: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  // Turns that it begins by itself.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_DISABLE_CRON: '1',
  // The scheduler tries again, too.
  CLAUDE_CODE_MAX_RETRIES: '4',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
};

export function buildClaudeEnvironment({
  environment,
  agentDir,
}: Pick<ProgramEngineOptions, 'environment' | 'agentDir'>): Record<string, string> {
  return { ...DEFAULTS, HOME: agentDir, USERPROFILE: agentDir, ...environment };
}
