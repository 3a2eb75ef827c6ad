// Files whose existence asks for something, and the request to stop. spec: daemon-and-cli 1.12, D-10
import { access, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, safeParseJson } from '@puffo/base';
import { makePrivateFolder, readPrivateFile, writePrivateFile } from '@puffo/host/files';
import type { AgentPaths, Home } from './home.ts';

/** In the order in which they count when several are there. */
export const AGENT_FLAGS = ['archive', 'delete', 'restart'] as const;
export type AgentFlag = (typeof AGENT_FLAGS)[number];

const MAX_BYTES = 4096;
const REQUESTED = 'requested';

export async function hasFlag({ flagsFolder }: AgentPaths, flag: AgentFlag): Promise<boolean> {
  try {
    await access(flagPath(flagsFolder, flag));
    return true;
  } catch {
    return false;
  }
}

export async function dropFlag({ flagsFolder }: AgentPaths, flag: AgentFlag): Promise<void> {
  await makePrivateFolder(flagsFolder);
  await writePrivateFile(flagPath(flagsFolder, flag), REQUESTED);
}

export async function removeFlag({ flagsFolder }: Pick<AgentPaths, 'flagsFolder'>, flag: AgentFlag): Promise<void> {
  await removeIfThere(flagPath(flagsFolder, flag));
}

function flagPath(flagsFolder: string, flag: AgentFlag): string {
  return join(flagsFolder, `${flag}.flag`);
}

/** `pid` is whom it is meant for; absent in what 0.7.2 writes, which is meant for whoever runs. */
export interface StopRequest {
  readonly pid: number | undefined;
  /** s; `undefined`: it does not say. */
  readonly createdAt: number | undefined;
}

export async function requestStop(
  { stopFile }: Pick<Home, 'stopFile'>,
  { pid, createdAt }: StopRequest,
): Promise<void> {
  await writePrivateFile(stopFile, JSON.stringify({ pid, created_at: createdAt }));
}

/** `undefined`: nobody asked. Any content is a request. */
export async function readStopRequest({ stopFile }: Pick<Home, 'stopFile'>): Promise<StopRequest | undefined> {
  const file = await readPrivateFile(stopFile, { maxBytes: MAX_BYTES });
  if (file === undefined) return undefined;
  const result = safeParseJson(file.text.trim(), { maxLength: MAX_BYTES, maxDepth: 2, integers: 'safe' });
  const value = result.kind === 'value' ? result.value : undefined;
  if (typeof value === 'number') return { pid: undefined, createdAt: Math.trunc(value) };
  if (!isJsonObject(value)) return { pid: undefined, createdAt: undefined };
  const { pid, created_at } = value;
  return {
    pid: typeof pid === 'number' ? pid : undefined,
    createdAt: typeof created_at === 'number' ? Math.trunc(created_at) : undefined,
  };
}

export async function removeStopRequest({ stopFile }: Pick<Home, 'stopFile'>): Promise<void> {
  await removeIfThere(stopFile);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
