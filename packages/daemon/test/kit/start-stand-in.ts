import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemporaryHome } from './temporary-home.ts';

const SCRIPT = new URL('stand-in-daemon.mjs', import.meta.url).pathname;

export interface StandIn extends AsyncDisposable {
  readonly pid: number;
  /** As `kill -9`. */
  kill(): Promise<void>;
}

export async function startStandIn({ folder, home }: TemporaryHome, ...options: readonly string[]): Promise<StandIn> {
  const script = join(folder, 'puffo-agent-stand-in.mjs');
  await copyFile(SCRIPT, script);
  await mkdir(home.folder, { recursive: true });
  const child = spawn(process.execPath, [script, home.folder, 'start', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('Cannot start the stand-in');

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  return { pid: child.pid, kill, [Symbol.asyncDispose]: kill };
}
