// Every path of the home, in one place. spec: daemon-and-cli 1.2
import { isAbsolute, join } from 'node:path';

export interface Home {
  /** Absolute. */
  readonly folder: string;
  readonly daemonFile: string;
  readonly pidFile: string;
  readonly stopFile: string;
  readonly pairingFile: string;
  readonly agentsFolder: string;
  readonly archivedFolder: string;
  /** The drop box of all agents. */
  readonly sharedFolder: string;
  /** The primer that operators may edit. */
  readonly primerFolder: string;
  agent(id: string): AgentPaths;
}

export interface AgentPaths {
  readonly id: string;
  readonly folder: string;
  readonly agentFile: string;
  readonly runtimeFile: string;
  readonly sessionFile: string;
  /** The history, as 0.7.2 keeps it. */
  readonly databaseFile: string;
  /** Own: inbox, turns, answers. */
  readonly storeFile: string;
  /** Own: what the client remembers of people, and what it has to send. */
  readonly clientFile: string;
  readonly keysFolder: string;
  readonly flagsFolder: string;
  readonly claudeFolder: string;
  /** Of paths in `agent.yml`: relative to the folder of the agent, or absolute. */
  resolve(path: string): string;
}

export function createHome(folder: string): Home {
  const agentsFolder = join(folder, 'agents');
  return {
    folder,
    daemonFile: join(folder, 'daemon.yml'),
    pidFile: join(folder, 'daemon.pid'),
    stopFile: join(folder, '.stop_requested'),
    pairingFile: join(folder, 'pairing.json'),
    agentsFolder,
    archivedFolder: join(folder, 'archived'),
    sharedFolder: join(folder, 'shared'),
    primerFolder: join(folder, 'docker', 'shared'),
    agent: (id) => createAgentPaths(join(agentsFolder, id), id),
  };
}

/** `folder` need not be in the home: an archived agent has the same files. */
export function createAgentPaths(folder: string, id: string): AgentPaths {
  return {
    id,
    folder,
    agentFile: join(folder, 'agent.yml'),
    runtimeFile: join(folder, 'runtime.json'),
    sessionFile: join(folder, 'cli_session.json'),
    databaseFile: join(folder, 'messages.db'),
    storeFile: join(folder, 'puffo-agent.db'),
    clientFile: join(folder, 'puffo-client.db'),
    keysFolder: join(folder, 'keys'),
    flagsFolder: join(folder, '.puffo-agent'),
    claudeFolder: join(folder, '.claude'),
    resolve: (path) => (isAbsolute(path) ? path : join(folder, path)),
  };
}
