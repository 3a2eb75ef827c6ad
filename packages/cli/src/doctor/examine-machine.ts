// What has to be right before any agent can run: Node, the home, the disk, the ports.
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Home } from '@puffo/daemon/home';
import type { DaemonFile } from '@puffo/daemon/operations';
import { formatSize } from '../output/format-size.ts';
import { type Finding, problem, well } from './finding.ts';

const LEAST_NODE: readonly [number, number] = [20, 19];
/** Messages, logs and workspaces grow; a database that meets a full disk stops. */
const LEAST_FREE_BYTES = 500 * 1024 * 1024;

export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return well(`Node ${version}`);
  return problem(`Node ${version} is too old`, {
    why: `nothing here is tried with a version below ${leastMajor}.${leastMinor}`,
    repair: `install Node ${leastMajor}.${leastMinor} or newer from https://nodejs.org`,
  });
}

/** `undefined`: there is none yet. */
export async function examineHome({ folder }: Home, platform: string): Promise<Finding | undefined> {
  let found;
  try {
    found = await stat(folder);
  } catch {
    return undefined;
  }
  if (!found.isDirectory()) {
    return problem(`${folder} is no folder`, {
      why: 'everything about agents is kept in it',
      repair: 'set PUFFO_AGENT_HOME to another place, or move the file away',
    });
  }
  if (!(await isUsable(folder))) {
    return problem(`this user may not write in ${folder}`, {
      why: 'agents could keep neither messages nor keys',
      repair: `sudo chown -R "$(id -u)" ${quote(folder)}`,
    });
  }
  if (platform !== 'win32' && (found.mode & 0o077) !== 0) {
    return problem(`others may look into ${folder}`, {
      why: 'it holds the keys of your agents',
      repair: `chmod 700 ${quote(folder)}`,
    });
  }
  return well(`home ${folder}, for you only`);
}

export async function examineDisk({ folder }: Home): Promise<Finding> {
  const free = await findFreeBytes(folder);
  if (free === undefined) return well('disk: its free space is not known');
  if (free >= LEAST_FREE_BYTES) return well(`disk: ${formatSize(free)} free`);
  return problem(`the disk of ${folder} has ${formatSize(free)} left`, {
    why: 'an agent that cannot write stops',
    repair: 'make room on it, or set PUFFO_AGENT_HOME to another disk',
  });
}

export interface PortUse {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Of services that are switched on; while a daemon runs, it is the one that has them. */
export async function examinePorts({ config }: DaemonFile, isDaemonAlive: boolean): Promise<readonly Finding[]> {
  if (isDaemonAlive) return [];
  const { dataService, embeddedServer } = config;
  const uses: PortUse[] = [];
  if (dataService.enabled) uses.push({ name: 'data_service', host: dataService.bindHost, port: dataService.port });
  if (embeddedServer.enabled) uses.push({ name: 'embedded_server', host: '127.0.0.1', port: embeddedServer.port });
  const findings: Finding[] = [];
  for (const use of uses) if (!(await isFree(use))) findings.push(describeTaken(use));
  return findings.length > 0 || uses.length === 0
    ? findings
    : [well(`ports ${uses.map(({ port }) => port).join(', ')} are free`)];
}

function describeTaken({ name, host, port }: PortUse): Finding {
  return problem(`another program has port ${port} of ${host}`, {
    why: `the daemon needs it for ${name}`,
    repair:
      name === 'embedded_server'
        ? 'end that program: agents know the server by this port'
        : `end that program, or change ${name}.port in daemon.yml`,
  });
}

async function isUsable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Of the folder, or of what it will be made in. */
async function findFreeBytes(folder: string): Promise<number | undefined> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch {
      if (dirname(path) === path) return undefined;
    }
  }
}

function isFree({ host, port }: PortUse): Promise<boolean> {
  if (port === 0) return Promise.resolve(true);
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
