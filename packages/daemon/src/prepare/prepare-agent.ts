// The files that an agent finds when it starts: folders, primer, prompt, skills, logins. spec: daemon-and-cli 1.16 to 1.18, 3.3
import { join } from 'node:path';
import { assemblePrompt, primerText } from '@puffo/agent';
import { type AgentConfig, resolveHarness } from '@puffo/agent/config';
import type { Logger } from '@puffo/base';
import type { AgentPaths, Home } from '../home/home.ts';
import {
  type AgentFolders,
  findAgentFolders,
  makeClaudeFolders,
  makeMemoryFolder,
  makeWorkspace,
} from './agent-folders.ts';
import { attempt } from './attempt.ts';
import { prepareCli } from './prepare-cli.ts';
import { primerOptionsOf } from './primer-options.ts';
import { readMemory } from './read-memory.ts';
import { readProfile } from './read-profile.ts';
import { bringSharedFolderUpToDate, readEditedPrimer } from './shared-folder.ts';
import { shippedTexts } from './shipped-texts.ts';
import { syncSharedSkills } from './sync-shared-skills.ts';
import { removeFormerPrompt, writePromptFiles } from './write-prompt-files.ts';

export interface PrepareOptions {
  readonly home: Home;
  readonly agent: AgentPaths;
  readonly config: AgentConfig;
  /** Of the user: where skills, logins and settings of CLIs are. */
  readonly homeFolder: string;
  readonly logger: Logger;
}

export interface PreparedAgent {
  /** Primer (the one for engines without tools when `speaksByText`), role and memory. */
  systemPrompt(options: { readonly speaksByText: boolean }): string;
  /** Absolute. */
  readonly workspaceDir: string;
  readonly memoryDir: string;
}

/**
 * Fails with a `DaemonError` only when the agent cannot live without it; everything else is a warning in the log. May be done
 * again while the agent lives: what is the same is not written.
 */
export async function prepareAgent(options: PrepareOptions): Promise<PreparedAgent> {
  const { agent, config, logger } = options;
  const folders = findAgentFolders(agent, config);
  await makeWorkspace(folders);
  await attempt('folders', logger, () => makeMemoryFolder(folders));
  await attempt('folders', logger, () => makeClaudeFolders(folders));
  await shareTexts(options, folders);
  const systemPrompt = await readPrompt(options, folders);
  await writePromptFiles(folders, systemPrompt({ speaksByText: false }), logger);
  await attempt('former-prompt', logger, () => removeFormerPrompt(folders, logger));
  await prepareCli(options, folders);
  return { systemPrompt, workspaceDir: folders.workspace.path, memoryDir: folders.memory };
}

async function shareTexts({ home, config, logger }: PrepareOptions, { workspace }: AgentFolders): Promise<void> {
  const texts = shippedTexts();
  await attempt('shared-texts', logger, () => bringSharedFolderUpToDate(home.primerFolder, { texts, logger }));
  const source = join(home.primerFolder, 'skills');
  const targets = skillTargets(config);
  await attempt('shared-skills', logger, () => syncSharedSkills(workspace, { source, targets, logger }));
}

/** Claude Code's always: it is part of every workspace, whatever works there. */
function skillTargets({ runtime }: AgentConfig): readonly string[] {
  const harness = runtime.kind === 'cli-local' || runtime.kind === 'cli-docker' ? resolveHarness(runtime) : undefined;
  if (harness === 'codex') return ['.claude/skills', '.agents/skills'];
  return harness === 'gemini-cli' ? ['.claude/skills', '.gemini/skills'] : ['.claude/skills'];
}

async function readPrompt(
  { home, config, logger }: PrepareOptions,
  folders: AgentFolders,
): Promise<PreparedAgent['systemPrompt']> {
  const texts = shippedTexts();
  const edited = await attempt('primer', logger, () => readEditedPrimer(home.primerFolder, { texts, logger }));
  const profile = await readProfile(folders, logger);
  const memory = (await attempt('memory', logger, () => readMemory(folders, logger))) ?? [];
  const options = primerOptionsOf(config, { sharedFolder: home.sharedFolder, folders });
  return ({ speaksByText }) => {
    const current = primerText(speaksByText ? { tools: false } : options);
    return assemblePrompt({ primer: edited ?? current, profile, memory });
  };
}
