// What keeps the engine of an agent from its first turn, without starting it: as the worker would find it.
// spec: runtimes 1.7, 3.5, 5.9
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentConfig, DEFAULT_PERMISSION_MODE, resolveHarness } from '@puffo/agent/config';
import { silentLogger } from '@puffo/base';
import { hostFileOf } from '../credentials/host-login.ts';
import { loginOf, LOGINS } from '../credentials/login.ts';
import { DaemonError } from '../daemon-error.ts';
import { loadAgentConfig } from '../home/agent-file.ts';
import { readDaemonFile } from '../home/daemon-file.ts';
import type { AgentPaths } from '../home/home.ts';
import { type OperationContext, requireAgent } from './context.ts';

const SDK_PACKAGE = '@anthropic-ai/claude-agent-sdk';

export type EngineProblem =
  | { readonly kind: 'missing-program' | 'bad-option' | 'failed'; readonly message: string }
  /** Its program refuses to run without asking when it is root. */
  | { readonly kind: 'root' }
  /** `program`: what one logs in with, when that helps. */
  | { readonly kind: 'no-login'; readonly program: string | undefined };

export interface EngineToExamine {
  readonly id: string;
  /** As `process.getuid()`; absent where there are no such numbers. */
  readonly userId: number | undefined;
}

export async function findEngineProblem(
  context: OperationContext,
  { id, userId }: EngineToExamine,
): Promise<EngineProblem | undefined> {
  const agent = await requireAgent(context, id);
  const config = await loadAgentConfig(agent);
  const found = await tryToOpen(context, agent, config);
  if (found !== undefined || config.runtime.offline) return found;
  if (config.runtime.kind === 'sdk-local') return findSdkProblem(context);
  return findHarnessProblem(context, { agent, config, userId });
}

async function tryToOpen(
  { home, environment, signal = new AbortController().signal }: OperationContext,
  agent: AgentPaths,
  config: AgentConfig,
): Promise<EngineProblem | undefined> {
  // All drivers hang on these, and most commands need none.
  const [{ openAgentEngine }, { EngineError }] = await Promise.all([
    import('../worker/open-agent-engine.ts'),
    import('@puffo/engine'),
  ]);
  const { config: daemon } = await readDaemonFile(home);
  try {
    signal.throwIfAborted();
    await openAgentEngine({ home, agent, config, daemon, environment, logger: silentLogger });
    return undefined;
  } catch (error) {
    if (!(error instanceof DaemonError || error instanceof EngineError)) throw error;
    const { code, message } = error;
    return { kind: code === 'missing-program' || code === 'bad-option' ? code : 'failed', message };
  }
}

/** It is installed beside the agents, and looked for when a session is opened. */
async function findSdkProblem({ home }: OperationContext): Promise<EngineProblem | undefined> {
  const { SDK_FOLDER } = await import('../worker/open-sdk-engine.ts');
  const folder = join(home.folder, SDK_FOLDER);
  if (await isThere(join(folder, 'node_modules', SDK_PACKAGE, 'package.json'))) return undefined;
  const message = `Cannot find the Claude Agent SDK in ${folder}: install it (npm install --prefix ${folder} ${SDK_PACKAGE})`;
  return { kind: 'missing-program', message };
}

interface HarnessToExamine {
  readonly agent: AgentPaths;
  readonly config: AgentConfig;
  readonly userId: number | undefined;
}

async function findHarnessProblem(
  { homeFolder, platform }: OperationContext,
  { agent, config, userId }: HarnessToExamine,
): Promise<EngineProblem | undefined> {
  const { runtime } = config;
  if (runtime.kind !== 'cli-local') return undefined;
  const harness = resolveHarness(runtime);
  const isFree = runtime.permissionMode === '' || runtime.permissionMode === DEFAULT_PERMISSION_MODE;
  if (harness === 'claude-code' && isFree && userId === 0) return { kind: 'root' };
  if (runtime.apiKey !== '') return undefined;
  if (harness === 'gemini-cli') {
    return (await isThere(join(agent.folder, '.gemini', 'oauth_creds.json')))
      ? undefined
      : { kind: 'no-login', program: undefined };
  }
  const name = loginOf(runtime);
  // On macOS, Claude Code keeps its login where only it can look.
  if (name === undefined || (name === 'claude' && platform === 'darwin')) return undefined;
  const login = LOGINS[name];
  const files = [hostFileOf(login, homeFolder), hostFileOf(login, agent.folder)];
  for (const file of files) if (await isThere(file)) return undefined;
  return { kind: 'no-login', program: login.helper.program };
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
