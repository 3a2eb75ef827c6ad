// What programs of vendors expect in the home of an agent, from the home of the operator. spec: daemon-and-cli 1.17, 1.18,
// runtimes 5.1, 6.4
import type { AgentConfig } from '@puffo/agent/config';
import type { Logger } from '@puffo/base';
import { loginOf, type LoginName, LOGINS } from '../credentials/login.ts';
import { writeView } from '../credentials/write-view.ts';
import type { AgentPaths } from '../home/home.ts';
import type { AgentFolders } from './agent-folders.ts';
import { attempt } from './attempt.ts';
import { mergeMcpServers } from './merge-mcp-servers.ts';
import { seedCliSettings } from './seed-cli-settings.ts';
import { syncHostSkills } from './sync-host-skills.ts';

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
  const login = loginOf(config.runtime);
  if (login !== undefined) await attempt('credentials', logger, () => writeCredentials(login, options, folders));
  await attempt('host-skills', logger, () => copySkills(folders, { homeFolder, isContainer, logger }));
  await attempt('mcp-servers', logger, () => mergeMcpServers(folders.agent, { homeFolder, isContainer, logger }));
}

async function writeCredentials(
  login: LoginName,
  { homeFolder, logger }: CliOptions,
  { agent }: AgentFolders,
): Promise<void> {
  const result = await writeView(agent, { login, homeFolder });
  if (result !== 'missing') {
    logger.debug('credentials-view', { login, result });
    return;
  }
  // One of its own.
  if (agent.find(LOGINS[login].file) !== undefined) return;
  const { program } = LOGINS[login].helper;
  logger.warn('credentials-missing', {
    reason: `nobody is logged in with ${NAMES[login]} on this machine; run ${program} once`,
  });
}

const NAMES: Readonly<Record<LoginName, string>> = { claude: 'Claude Code', codex: 'Codex' };

async function copySkills(
  { agent, workspace }: AgentFolders,
  { isContainer, ...options }: Pick<CliOptions, 'homeFolder' | 'logger'> & { readonly isContainer: boolean },
): Promise<void> {
  await syncHostSkills(agent, { ...options, source: '.claude/skills', target: '.claude/skills' });
  if (isContainer) await syncHostSkills(workspace, { ...options, source: '.gemini/skills', target: '.gemini/skills' });
}
