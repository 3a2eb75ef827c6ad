// spec: daemon-and-cli 4.8, D-17, D-18
import { chmod, copyFile, mkdir, readdir, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { checkChosenRuntime, KEY_VARIABLES, type Provider } from '@puffo/agent/config';
import { makePrivateFolder, writePrivateFile } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';
import { renderNewAgent } from '../home/agent-file.ts';
import { isAgentId } from '../home/agent-id.ts';
import { exists } from '../home/archive-folder.ts';
import { readDaemonFile } from '../home/daemon-file.ts';
import type { AgentPaths } from '../home/home.ts';
import { isDaemonAlive, type OperationContext } from './context.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';

export interface AgentCreation {
  readonly id: string;
  readonly displayName?: string | undefined;
  /** A file to copy; absent: a short template. */
  readonly profile?: string | undefined;
  readonly kind: string;
  readonly provider: string;
  readonly model: string;
  /** Secret. */
  readonly apiKey: string;
  readonly baseUrl: string;
  /** Absent: `claude-code`, the only default that 0.7.2 has. */
  readonly harness?: string | undefined;
  readonly onMention: boolean;
  readonly onDm: boolean;
  readonly onChannel: boolean;
}

export interface CreatedAgent {
  readonly id: string;
  readonly folder: string;
  readonly agentFile: string;
  readonly isDaemonAlive: boolean;
}

/** What a worker that was stopped too late leaves: a folder of it alone is free. */
const LEFT_OVERS: ReadonlySet<string> = new Set(['runtime.json', 'mcp-config.json', '.puffo-agent']);
const DEFAULT_HARNESS = 'claude-code';

/** Fails before anything is asked or written. */
export async function checkCreation(
  { home }: OperationContext,
  creation: Pick<AgentCreation, 'id' | 'kind' | 'provider' | 'harness' | 'profile'>,
): Promise<void> {
  const { id, kind, provider, profile, harness = DEFAULT_HARNESS } = creation;
  if (!isAgentId(id)) {
    throw new DaemonError(`invalid agent id '${id}' (alphanumerics, _ and -)`, { code: 'invalid-argument' });
  }
  const agent = home.agent(id);
  if (!(await isFree(agent))) {
    throw new DaemonError(`agent '${id}' already exists at ${agent.folder}`, { code: 'already-exists' });
  }
  const verdict = checkChosenRuntime({ kind, provider, harness });
  if (verdict.kind === 'refused') throw new DaemonError(verdict.reason, { code: 'invalid-argument' });
  if (profile !== undefined && !(await isReadableFile(profile))) {
    throw new DaemonError(`profile '${profile}' is no file that can be read`, { code: 'invalid-argument' });
  }
}

export type KeySource =
  /** `daemon.yml` has one, or the kind needs none. */
  | { readonly kind: 'inherited' }
  /** Secret. */
  | { readonly kind: 'found'; readonly apiKey: string; readonly variable: string }
  | { readonly kind: 'unknown'; readonly provider: Provider };

/** Where a key comes from when none is given. spec: daemon-and-cli 4.8 */
export async function findKey(
  { home, environment, warn }: OperationContext,
  { kind, provider }: Pick<AgentCreation, 'kind' | 'provider'>,
): Promise<KeySource> {
  if (kind === 'cli-local' || kind === 'cli-docker') return { kind: 'inherited' };
  const known: Provider = provider === 'openai' || provider === 'google' ? provider : 'anthropic';
  const { config, warnings } = await readDaemonFile(home);
  for (const warning of warnings) warn(warning);
  if (config.providers[known].apiKey !== '') return { kind: 'inherited' };
  const [variable = ''] = KEY_VARIABLES[known];
  const apiKey = environment[variable] ?? '';
  return apiKey === '' ? { kind: 'unknown', provider: known } : { kind: 'found', apiKey, variable };
}

/** What was begun is removed again when it fails. */
export async function createAgent(context: OperationContext, creation: AgentCreation): Promise<CreatedAgent> {
  await checkCreation(context, creation);
  const { home, now } = context;
  const agent = home.agent(creation.id);
  await makePrivateFolder(home.folder);
  await makePrivateFolder(home.agentsFolder);
  await claimFolder(agent);
  try {
    await makePrivateFolder(join(agent.folder, 'memory'));
    await writeProfile(agent, creation.profile);
    // Last: a folder without it is not an agent yet.
    await writePrivateFile(agent.agentFile, renderNewAgent({ ...creation, ...defaultsOf(creation, now()) }));
  } catch (error) {
    await rm(agent.folder, { recursive: true, force: true });
    throw error;
  }
  const { id } = creation;
  return { id, folder: agent.folder, agentFile: agent.agentFile, isDaemonAlive: await isDaemonAlive(context) };
}

function defaultsOf({ id, displayName, harness }: AgentCreation, now: number) {
  return {
    displayName: displayName ?? id,
    createdAt: Math.floor(now / 1000),
    harness: harness ?? DEFAULT_HARNESS,
  };
}

async function isFree(agent: AgentPaths): Promise<boolean> {
  if (!(await exists(agent.folder))) return true;
  try {
    return (await readdir(agent.folder)).every((name) => LEFT_OVERS.has(name));
  } catch {
    // No folder: something else has the name.
    return false;
  }
}

/** Of two that create the same agent, one gets it. */
async function claimFolder(agent: AgentPaths): Promise<void> {
  try {
    await removeLeftOvers(agent);
    await mkdir(agent.folder, { mode: 0o700 });
  } catch (cause) {
    const message = `agent '${agent.id}' already exists at ${agent.folder}`;
    throw new DaemonError(message, { code: 'already-exists', cause });
  }
}

async function removeLeftOvers({ folder }: AgentPaths): Promise<void> {
  if (!(await exists(folder))) return;
  for (const name of LEFT_OVERS) await rm(join(folder, name), { recursive: true, force: true });
  // Fails when something else came in between.
  await rmdir(folder);
}

async function writeProfile({ folder }: AgentPaths, source: string | undefined): Promise<void> {
  const target = join(folder, 'profile.md');
  if (source === undefined) return writePrivateFile(target, DEFAULT_PROFILE);
  const { atimeMs, mtimeMs } = await stat(source);
  await copyFile(source, target);
  await chmod(target, 0o600);
  await utimes(target, atimeMs / 1000, mtimeMs / 1000);
}

async function isReadableFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
