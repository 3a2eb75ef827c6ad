// `control.json` of a home: where the daemon listens for commands, and the secret that they show.
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFolder } from '@puffo/host';
import type { Home } from '../home/home.ts';
import { readJsonFile, writeJsonFile } from '../home/json-file.ts';
import type { ControlAddress } from './control-protocol.ts';

export function controlFolder({ folder }: Pick<Home, 'folder'>): string {
  return join(folder, 'run');
}

/** `undefined`: there is none, or none that says where. It may be left over from a daemon that was killed. */
export async function readControlAddress(home: Pick<Home, 'folder'>): Promise<ControlAddress | undefined> {
  const { pid, socket, token } = (await readJsonFile(fileOf(home))) ?? {};
  if (typeof pid !== 'number' || typeof socket !== 'string' || typeof token !== 'string') return undefined;
  return socket === '' || token === '' ? undefined : { pid, socket, token };
}

export async function writeControlAddress(home: Pick<Home, 'folder'>, address: ControlAddress): Promise<void> {
  await makePrivateFolder(controlFolder(home));
  await writeJsonFile(fileOf(home), { ...address });
}

/** Unless it is a successor's by now. */
export async function removeControlAddress(home: Pick<Home, 'folder'>, { token }: ControlAddress): Promise<void> {
  if ((await readControlAddress(home))?.token === token) await unlink(fileOf(home));
}

function fileOf(home: Pick<Home, 'folder'>): string {
  return join(controlFolder(home), 'control.json');
}
