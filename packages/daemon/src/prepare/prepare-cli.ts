// What programs of vendors expect in the home of an agent, from the home of the operator. spec: daemon-and-cli 1.17, 1.18,
// runtimes 5.1, 6.4
import { type AgentConfig, resolveHarness } from '@puffo/agent/config';
import type { Logger } from '@puffo/base';
import type { AgentPaths } from '../home/home.ts';
import { linkHostCredentials } from '../home/link-credentials.ts';
import type { AgentFolders } from './agent-folders.ts';
import { attempt } from './attempt.ts';
import { mergeMcpServers } from './merge-mcp-servers.ts';
import { seedCliSettings } from './seed-cli-settings.ts';
import { syncHostSkills } from './sync-host-skills.ts';

const CREDENTIALS = '.claude/.credentials.json';

export interface CliOptions {
  readonly agent: AgentPaths;
  readonly config: AgentConfig;
  /** Of the user. */
  readonly homeFolder: string;
  readonly logger: Logger;
}

/** Nothing for kinds that call a model directly. */
export async function prepareCli(options: CliOptions, folders: AgentFolders): Promise<void> {
  const { config, homeFolder, logger } = options;
  const { kind } = config.runtime;
  if (kind !== 'cli-local' && kind !== 'cli-docker') return;
  const isContainer = kind === 'cli-docker';
  await seedCliSettings(folders.agent, homeFolder, logger);
  // Inside of a container, a link to a file of the host leads nowhere.
  if (!isContainer && resolveHarness(config.runtime) === 'claude-code') {
    await attempt('credentials', logger, () => linkCredentials(options, folders));
  }
  await attempt('host-skills', logger, () => copySkills(folders, { homeFolder, isContainer, logger }));
  await attempt('mcp-servers', logger, () => mergeMcpServers(folders.agent, { homeFolder, isContainer, logger }));
}

async function linkCredentials({ agent, homeFolder, logger }: CliOptions, folders: AgentFolders): Promise<void> {
  // Fails when the way there is a link: what is there would be removed.
  folders.agent.placeFor(CREDENTIALS);
  const result = await linkHostCredentials(agent, homeFolder);
  if (result !== 'no-host-file') {
    logger.debug('credentials-linked', { result });
    return;
  }
  if (folders.agent.find(CREDENTIALS) !== undefined) return;
  logger.warn('credentials-missing', {
    reason: 'nobody is logged in with Claude Code on this machine; run claude once',
  });
}

async function copySkills(
  { agent, workspace }: AgentFolders,
  { isContainer, ...options }: Pick<CliOptions, 'homeFolder' | 'logger'> & { readonly isContainer: boolean },
): Promise<void> {
  await syncHostSkills(agent, { ...options, source: '.claude/skills', target: '.claude/skills' });
  if (isContainer) await syncHostSkills(workspace, { ...options, source: '.gemini/skills', target: '.gemini/skills' });
}
