// The words around a run: what lives where, and how to go on.
import type { Home } from '@puffo/daemon/home';
import { embeddedServerFolder } from '@puffo/daemon/operations';
import type { AgentSummary } from '@puffo/daemon/status';
import type { Slug } from '@puffo/protocol';
import { DATA_FOLDER_VARIABLE } from '../identity/data-folder.ts';
import { cleanName } from '../output/clean-text.ts';
import { operatorFolder } from './operator-call.ts';

const MAX_AGENTS = 10;

export interface WorldToDescribe {
  readonly home: Home;
  readonly agentId: string;
  readonly operatorSlug: Slug;
  readonly serverUrl: string;
  /** Whether a daemon goes on without us. */
  readonly goesOn: boolean;
}

export function describeWorld({ home, agentId, operatorSlug, serverUrl, goesOn }: WorldToDescribe): readonly string[] {
  const rows = [
    ['everything', home.folder],
    [`you, @${operatorSlug}`, `${operatorFolder(home)} (keys and messages)`],
    [`the agent "${agentId}"`, `${home.agent(agentId).folder} (agent.yml, keys, messages, workspace)`],
    ['the chat server', `${embeddedServerFolder(home)} (sealed messages; ${serverUrl} on this machine only)`],
  ];
  return [
    '',
    'Where everything lives:',
    ...table(rows),
    '',
    goesOn ? 'The daemon that was running goes on.' : 'The daemon and the server stop with this command.',
    ...table([
      ['npm start', 'or puffo-agent quickstart: go on with this conversation'],
      ['puffo-agent start', 'keep the agents running; puffo-agent status shows them'],
      ['puffo-agent doctor', 'what is missing, in order of what to do'],
      [
        `puffo-cli chat general`,
        `the same as you, beside a daemon, with ${DATA_FOLDER_VARIABLE}=${operatorFolder(home)}`,
      ],
    ]),
  ];
}

/** Of a home that has agents already: it is left as it is. */
export function describeOtherHome(home: Home, agents: readonly AgentSummary[]): readonly string[] {
  const shown = agents.slice(0, MAX_AGENTS).map(({ id }) => `  ${cleanName(id)}`);
  const more = agents.length > MAX_AGENTS ? [`  and ${agents.length - MAX_AGENTS} more`] : [];
  return [
    `This home has agents of its own already, so nothing was made or changed: ${home.folder}`,
    ...shown,
    ...more,
    '',
    ...table([
      ['puffo-agent start', 'run them'],
      ['puffo-agent status', 'see how they are'],
      ['puffo-agent doctor', 'what is missing, in order of what to do'],
    ]),
    '',
    'To try things out beside them, choose another folder: PUFFO_AGENT_HOME=./puffo-home puffo-agent quickstart',
  ];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', text = '']) => `  ${name.padEnd(width)}  ${text}`);
}
