// A place to listen that only this user can reach.
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { encodeBase64url, type Random } from '@puffo/base';
import { makePrivateFolder } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';

/** The least that a system takes is 104, with its end. */
const MAX_PATH_BYTES = 100;
const SOCKET_MODE = 0o600;
const PIPE_NAME_BYTES = 16;
const PROBE_MS = 2000;

export interface SocketPlace {
  readonly path: string;
  /** Own folder, to be removed with it. */
  readonly temporaryFolder: string | undefined;
}

export interface PlaceOptions {
  /** Private; made when it is missing. */
  readonly folder: string;
  /** For where `folder` is too long for a socket. */
  readonly temporaryFolder: string;
  readonly platform: string;
  readonly random: Random;
}

export async function choosePlace(options: PlaceOptions): Promise<SocketPlace> {
  const { folder, temporaryFolder, platform, random } = options;
  await makePrivateFolder(folder);
  if (platform === 'win32') {
    const name = encodeBase64url(random.bytes(PIPE_NAME_BYTES));
    return { path: `\\\\.\\pipe\\puffo-agent-${name}`, temporaryFolder: undefined };
  }
  const path = join(folder, 'control.sock');
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path, temporaryFolder: undefined };
  // Made for this user only, with a name that nobody can foresee.
  const own = await mkdtemp(join(temporaryFolder, 'puffo-agent-'));
  return { path: join(own, 'control.sock'), temporaryFolder: own };
}

/** What a daemon that was killed left is replaced. */
export async function listenAt(server: Server, { path }: SocketPlace, platform: string): Promise<void> {
  if (platform !== 'win32') {
    if (await isAnswered(path)) {
      throw new DaemonError(`Cannot listen at ${path}: another daemon does; stop it first`, { code: 'running' });
    }
    await rm(path, { force: true });
  }
  server.listen(path);
  // Rejects with the error, when there is one.
  await once(server, 'listening');
  if (platform !== 'win32') await chmod(path, SOCKET_MODE);
}

export async function removePlace({ temporaryFolder }: SocketPlace): Promise<void> {
  if (temporaryFolder !== undefined) await rm(temporaryFolder, { recursive: true, force: true });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    function end(isThere: boolean): void {
      socket.destroy();
      resolve(isThere);
    }
    socket.setTimeout(PROBE_MS);
    socket.once('connect', () => end(true));
    // It took the connection and is too busy to say so.
    socket.once('timeout', () => end(true));
    socket.once('error', () => end(false));
  });
}
