// A program and everything that it started. Its process group holds most of that; shells of coding agents lead groups of their own,
// and are known by a mark in their environment, where the system shows it. Windows has no groups: there the tree of processes is
// ended by force. spec: runtimes 5.2
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { errorCodeOf } from '../files/error-code.ts';

const POLL_MS = 20;
const TREE_KILLER = 'taskkill.exe';
/** In the environment of the program, and so of all that it starts. */
export const MARK_NAME = 'PUFFO_PROGRAM';

export function hasGroup(): boolean {
  return process.platform !== 'win32';
}

export function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (hasGroup()) send(-pid, signal);
  else endTree(child, pid);
}

/** After the program itself: asked first, then by force. */
export async function endLeftovers({ pid }: ChildProcess, { mark, graceMs }: LeftoverOptions): Promise<void> {
  if (pid === undefined || !hasGroup()) return;
  const left = [-pid, ...(await listMarked(mark))].filter((each) => send(each, 'SIGTERM'));
  for (let leftMs = graceMs; leftMs > 0 && left.some((each) => send(each, 0)); leftMs -= POLL_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  for (const each of left) send(each, 'SIGKILL');
}

export interface LeftoverOptions {
  readonly mark: string;
  readonly graceMs: number;
}

/** Processes of this user whose environment holds the mark. Only Linux shows it to us. */
async function listMarked(mark: string): Promise<readonly number[]> {
  if (process.platform !== 'linux') return [];
  const entries = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const isMarked = await Promise.all(entries.map((pid) => hasMark(pid, mark)));
  return entries.filter((_, index) => isMarked[index] === true);
}

async function hasMark(pid: number, mark: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    return `\0${environment}\0`.includes(`\0${MARK_NAME}=${mark}\0`);
  } catch {
    // It has ended, or it is somebody else's.
    return false;
  }
}

/** `pid` below 0: a whole group. `false`: nobody is there. */
function send(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: what runs as somebody else, and only they can end.
    if (errorCodeOf(error) === 'ESRCH' || errorCodeOf(error) === 'EPERM') return false;
    throw error;
  }
}

function endTree(child: ChildProcess, pid: number): void {
  const killer = spawn(TREE_KILLER, ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
  killer.once('error', () => child.kill('SIGKILL'));
}
