// `daemon.ready`: the services of this daemon are up. Scripts wait for it. spec: daemon-and-cli D-11
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Home } from '../home/home.ts';
import { readJsonFile, writeJsonFile } from '../home/json-file.ts';

export interface ReadyDaemon {
  readonly pid: number;
  /** ms */
  readonly startedAt: number;
  /** `undefined`: there is none. */
  readonly dataServiceUrl: string | undefined;
}

export async function publishReady(home: Home, { pid, startedAt, dataServiceUrl }: ReadyDaemon): Promise<void> {
  await writeJsonFile(readyFileOf(home), {
    pid,
    started_at: Math.floor(startedAt / 1000),
    ...(dataServiceUrl === undefined ? {} : { data_service_url: dataServiceUrl }),
  });
}

/** Unless it is another daemon's by now. */
export async function withdrawReady(home: Home, pid: number): Promise<void> {
  const file = await readJsonFile(readyFileOf(home));
  if (file?.['pid'] === pid) await unlink(readyFileOf(home));
}

/** What a daemon that was killed left says nothing about this one. */
export async function clearFormerReady(home: Home): Promise<void> {
  try {
    await unlink(readyFileOf(home));
  } catch {
    // Not there, as it should be; what cannot be removed is replaced.
  }
}

/** Of the daemon whose services are up; `undefined`: there is none, or it is about to end. */
export async function findReadyPid(home: Home): Promise<number | undefined> {
  const pid = (await readJsonFile(readyFileOf(home)))?.['pid'];
  return typeof pid === 'number' ? pid : undefined;
}

function readyFileOf({ folder }: Home): string {
  return join(folder, 'daemon.ready');
}
