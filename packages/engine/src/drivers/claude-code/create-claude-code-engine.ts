// cli-local with Claude Code: one process per session, tools over its own channel, questions to the operator. spec: runtimes 5
import { createProgramVersions, isOlder, type ProgramVersions } from '../../program/program-versions.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { Engine, EngineCapabilities } from '../../spec/engine.ts';
import type { ProgramEngineOptions } from '../../spec/program-options.ts';
import { type ClaudePermission, DISALLOWED_TOOLS, readPermissionMode } from './claude-arguments.ts';
import { buildClaudeEnvironment } from './claude-environment.ts';
import { openClaudeSession } from './open-claude-session.ts';
import { type ClaudeSettings, ROOT_REFUSED } from './start-claude.ts';

export interface ClaudeCodeOptions extends ProgramEngineOptions {
  /** MCP servers of the operator and of the agent, as the CLI wants them; no others are started. */
  readonly mcpConfigFile?: string | undefined;
  /** Built-in tools that the agent does without. Default: those that are confused with ours. */
  readonly disallowedTools?: readonly string[];
  /** Shared by all engines of a process, so that each program is asked once. */
  readonly versions?: ProgramVersions;
}

const CAPABILITIES: EngineCapabilities = {
  resume: true,
  cancel: true,
  steer: true,
  permissions: true,
  compact: true,
  hostedTools: true,
  speaksByText: false,
};

/** The oldest that this driver was tried with. */
const OLDEST = [2, 1, 197] as const;

/** Throws `EngineError` when the options cannot work. Nothing is started before the first session. */
export function createClaudeCodeEngine(options: ClaudeCodeOptions): Engine {
  const permission = readPermissionMode(options.permissionMode);
  const { disallowedTools = DISALLOWED_TOOLS, versions = createProgramVersions() } = options;
  const settings: ClaudeSettings = { ...options, permission, disallowedTools };
  return {
    name: 'claude-code',
    capabilities: CAPABILITIES,
    async openSession(session) {
      refuseRoot(permission, options);
      await requireVersion(settings, versions);
      return openClaudeSession(settings, session);
    },
  };
}

/** The CLI refuses it, too, but only once it is started. A container says that it is one. */
function refuseRoot({ kind }: ClaudePermission, { environment }: ProgramEngineOptions): void {
  if (kind !== 'bypass' || process.getuid?.() !== 0 || environment['IS_SANDBOX'] === '1') return;
  throw new EngineError(ROOT_REFUSED, { code: 'bad-option', fields: { option: 'permission_mode' } });
}

async function requireVersion(settings: ClaudeSettings, versions: ProgramVersions): Promise<void> {
  const { placement, program, workspaceDir: folder } = settings;
  const version = await versions.detect(placement, { program, folder, environment: buildClaudeEnvironment(settings) });
  // What does not say its version may work.
  if (version === undefined || !isOlder(version, OLDEST)) return;
  const message = `Cannot use ${program}: it is version ${version.join('.')}; update Claude Code to ${OLDEST.join('.')} or later`;
  throw new EngineError(message, { code: 'unavailable', fields: { program } });
}
