// The command line of Claude Code. spec: runtimes 5.9, 10.2.10
import { dirname, join, relative } from 'node:path';
import { EngineError } from '../../spec/engine-error.ts';

export interface ClaudeLaunch {
  readonly permission: ClaudePermission;
  readonly model: string;
  readonly session: { readonly kind: 'new' | 'resumed'; readonly id: string };
  readonly promptFile: string;
  readonly agentDir: string;
  readonly workspaceDir: string;
  readonly mcpConfigFile?: string | undefined;
  readonly disallowedTools: readonly string[];
}

/** `asked`: somebody is asked about what the mode does not allow by itself. */
export type ClaudePermission =
  | { readonly kind: 'bypass' }
  | { readonly kind: 'asked'; readonly mode: 'default' | 'acceptEdits' | 'auto' | 'dontAsk' };

/** How the CLI calls our tools: `mcp__puffo__send_message`. */
export const TOOL_SERVER = 'puffo';

/** They belong to other ways of working, or sound like ours. */
export const DISALLOWED_TOOLS: readonly string[] = ['SendMessage', 'ScheduleWakeup', 'EnterWorktree', 'ExitWorktree'];

const JSON_LINES = 'stream-json';
const TALKING: readonly string[] = [
  '-p',
  '--input-format',
  JSON_LINES,
  '--output-format',
  JSON_LINES,
  '--verbose',
  '--replay-user-messages',
];

export function buildClaudeArguments(launch: ClaudeLaunch): readonly string[] {
  const { permission, model, session, promptFile, mcpConfigFile, disallowedTools } = launch;
  return [
    ...TALKING,
    ...permissionArguments(permission),
    ...(model === '' ? [] : ['--model', model]),
    ...(session.kind === 'new' ? ['--session-id', session.id] : ['--resume', session.id]),
    ...(mcpConfigFile === undefined ? [] : ['--mcp-config', mcpConfigFile]),
    '--strict-mcp-config',
    '--append-system-prompt-file',
    promptFile,
    '--settings',
    JSON.stringify({ claudeMdExcludes: listForeignPrompts(launch) }),
    ...(disallowedTools.length === 0 ? [] : ['--disallowedTools', disallowedTools.join(',')]),
  ];
}

function permissionArguments(permission: ClaudePermission): readonly string[] {
  if (permission.kind === 'bypass') return ['--dangerously-skip-permissions'];
  const ours = `mcp__${TOOL_SERVER}`;
  return ['--permission-mode', permission.mode, '--permission-prompt-tool', 'stdio', '--allowedTools', ours];
}

/** The CLI reads the prompt files of all folders above its own: those outside of the agent's are not for the agent. */
function listForeignPrompts({ agentDir, workspaceDir }: ClaudeLaunch): readonly string[] {
  const folders = new Set([...listParents(agentDir), ...listParents(workspaceDir).filter(isOutside)]);
  return [...folders].flatMap((folder) => [
    join(folder, 'CLAUDE.md'),
    join(folder, 'CLAUDE.local.md'),
    join(folder, '.claude', 'CLAUDE.md'),
  ]);

  function isOutside(folder: string): boolean {
    return relative(agentDir, folder).startsWith('..');
  }
}

function listParents(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...listParents(parent)];
}

/** Throws `EngineError`: a mode that cannot be kept is never replaced by one that allows more. */
export function readPermissionMode(mode: string): ClaudePermission {
  switch (mode) {
    // What files of earlier versions hold.
    case '':
    case 'bypassPermissions':
      return { kind: 'bypass' };
    case 'default':
    case 'acceptEdits':
    case 'auto':
    case 'dontAsk':
      return { kind: 'asked', mode };
    case 'plan':
      throw badMode('"plan" makes plans and never acts, and an agent cannot have them approved');
    default:
      throw badMode(`"${mode.slice(0, MAX_QUOTED)}" is not a mode of Claude Code`);
  }
}

const MAX_QUOTED = 40;

function badMode(problem: string): EngineError {
  const modes = 'bypassPermissions, default, acceptEdits, auto or dontAsk';
  return new EngineError(`Cannot use runtime.permission_mode: ${problem}; set it to ${modes}`, {
    code: 'bad-option',
    fields: { option: 'permission_mode' },
  });
}
