// Which process is the daemon of a home. Ids are given again, so the arguments of the process decide.
// spec: daemon-and-cli 2.2, D-11
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrivateFile } from '@puffo/host/read-files';
import type { Home } from '../home/home.ts';

const MAX_BYTES = 4096;
const PROGRAM = /^puffo[-_]agent/;

export type ReadArguments = (pid: number) => Promise<readonly string[] | undefined>;

export type DaemonProcess =
  /** No file, or none that names a process. */
  | { readonly kind: 'none' }
  /** The file names a process that is no daemon, or none. */
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'alive'; readonly pid: number };

export async function findDaemon(home: Home, readArguments: ReadArguments): Promise<DaemonProcess> {
  const pid = await readPid(home);
  if (pid === undefined) return { kind: 'none' };
  return { kind: (await isDaemon(pid, readArguments)) ? 'alive' : 'stale', pid };
}

export async function isDaemon(pid: number, readArguments: ReadArguments): Promise<boolean> {
  const args = await readArguments(pid);
  return args !== undefined && isDaemonCommand(args);
}

/** `node …/puffo-agent.mjs start`, `…/bin/puffo-agent start`, `python -m puffo_agent.portal.cli start` */
export function isDaemonCommand(args: readonly string[]): boolean {
  const words = args.map((arg) => arg.toLowerCase());
  const isOurs = words.some((word) => PROGRAM.test(word.split(/[\\/]/).at(-1) ?? ''));
  return isOurs && words.includes('start');
}

export async function readPid({ pidFile }: Pick<Home, 'pidFile'>): Promise<number | undefined> {
  let text: string;
  try {
    const file = await readPrivateFile(pidFile, { maxBytes: MAX_BYTES });
    text = file?.text.trim() ?? '';
  } catch {
    // Unreadable is as good as absent. spec: daemon-and-cli 2.2
    return undefined;
  }
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return pid > 0 ? pid : undefined;
}

export type PidClaim =
  | { readonly kind: 'claimed' }
  /** Another daemon has this home. */
  | { readonly kind: 'taken'; readonly pid: number };

/** Of two that start at once, one gets it. The home exists. */
export async function claimPid(
  home: Home,
  { pid, readArguments }: { readonly pid: number; readonly readArguments: ReadArguments },
): Promise<PidClaim> {
  // Loaded when it is needed: most commands claim nothing.
  const { withFileLock, writePrivateFile } = await import('@puffo/host/files');
  return withFileLock(join(home.folder, '.daemon.pid.lock'), async () => {
    const found = await findDaemon(home, readArguments);
    if (found.kind === 'alive' && found.pid !== pid) return { kind: 'taken', pid: found.pid };
    await writePrivateFile(home.pidFile, String(pid));
    return { kind: 'claimed' };
  });
}

/** Removes the file unless it names another process by now. */
export async function releasePid(home: Home, pid: number): Promise<void> {
  const { withFileLock } = await import('@puffo/host/files');
  await withFileLock(join(home.folder, '.daemon.pid.lock'), async () => {
    if ((await readPid(home)) === pid) await unlink(home.pidFile);
  });
}
