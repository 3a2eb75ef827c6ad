// Moves an agent out of the way, with everything it has. spec: daemon-and-cli 1.19, 4.14, D-18
import { lstat, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '@puffo/base';
import { makePrivateFolder } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';
import { AGENT_FLAGS, removeFlag } from './flags.ts';
import type { AgentPaths, Home } from './home.ts';

const ATTEMPTS = 8;
const PAUSE_MS = 500;
const MAX_SAME_NAMES = 1000;

export interface ArchiveOptions {
  readonly home: Home;
  /** `operator`: a person asked. `flag`: `archive.flag` did. */
  readonly origin: 'operator' | 'flag';
  /** ms */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/** Where it is then. Windows needs several attempts while files are open. */
export async function archiveFolder(agent: AgentPaths, { home, origin, now, signal }: ArchiveOptions): Promise<string> {
  // A flag in the copy would archive it again as soon as it is put back.
  for (const flag of AGENT_FLAGS) await removeFlag(agent, flag);
  await makePrivateFolder(home.archivedFolder);
  const name = `${agent.id}${origin === 'flag' ? '-ws' : ''}-${stampOf(now)}`;
  for (let attempt = 1; ; attempt++) {
    const target = await findFreePath(home.archivedFolder, name);
    try {
      await rename(agent.folder, target);
      return target;
    } catch (cause) {
      if (attempt === ATTEMPTS) {
        const message = `Cannot move ${agent.folder} to ${target}: close what uses it and try again`;
        throw new DaemonError(message, { code: 'failed', retryable: true, cause });
      }
      await sleep(PAUSE_MS, signal);
    }
  }
}

/** For good. Out of sight first: what fails half-way is no agent any more, and its id is free. */
export async function deleteFolder(
  agent: AgentPaths,
  { home, now }: Pick<ArchiveOptions, 'home' | 'now'>,
): Promise<void> {
  await makePrivateFolder(home.archivedFolder);
  const target = await findFreePath(home.archivedFolder, `.deleting-${agent.id}-${stampOf(now)}`);
  await rename(agent.folder, target);
  await rm(target, { recursive: true, force: true });
}

/** Two in one second must not end inside of each other. */
async function findFreePath(folder: string, name: string): Promise<string> {
  for (let count = 1; count <= MAX_SAME_NAMES; count++) {
    const path = join(folder, count === 1 ? name : `${name}-${count}`);
    if (!(await exists(path))) return path;
  }
  throw new DaemonError(`Cannot archive to ${folder}: too many copies have the name ${name}; remove some`, {
    code: 'failed',
  });
}

export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw error;
  }
}

/** Local time, `20260510-120000`. */
export function stampOf(now: number): string {
  const date = new Date(now);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return [day, time].map((parts) => parts.map((part) => String(part).padStart(2, '0')).join('')).join('-');
}
