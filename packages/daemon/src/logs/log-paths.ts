// Where logs are: one file for everything, one for each agent, and the older part of each beside it.
// spec: daemon-and-cli D-30
import { join } from 'node:path';
import { isAgentId } from '../home/agent-id.ts';
import type { Home } from '../home/home.ts';

/** Of one log, with the file that is being written. */
const MAX_FILES = 3;

export function daemonLogPath({ folder }: Pick<Home, 'folder'>): string {
  return join(folder, 'logs', 'daemon.log');
}

/** `undefined`: what is no id must not become part of a path. */
export function agentLogPath({ folder }: Pick<Home, 'folder'>, id: string): string | undefined {
  return isAgentId(id) ? join(folder, 'logs', 'agents', `${id}.log`) : undefined;
}

/** The newest first: `x.log`, `x.log.1`, `x.log.2`. */
export function filesOf(path: string): readonly string[] {
  return Array.from({ length: MAX_FILES }, (_, age) => (age === 0 ? path : `${path}.${age}`));
}
