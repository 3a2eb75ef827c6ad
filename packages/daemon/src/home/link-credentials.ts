// Lets the agent's Claude Code use the login of the host. spec: daemon-and-cli 1.18
import { copyFile, lstat, readlink, stat, symlink, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFolder } from '@puffo/host';
import type { AgentPaths } from './home.ts';

/** Printed as they are. */
export type LinkResult = 'no-host-file' | 'symlink (already)' | 'copy (fresh)' | 'symlink' | 'copy';

export interface CredentialPaths {
  readonly hostFile: string;
  readonly agentFile: string;
}

export function credentialPathsOf({ claudeFolder }: AgentPaths, hostHome: string): CredentialPaths {
  return {
    hostFile: join(hostHome, '.claude', '.credentials.json'),
    agentFile: join(claudeFolder, '.credentials.json'),
  };
}

export async function linkHostCredentials(agent: AgentPaths, hostHome: string): Promise<LinkResult> {
  const { hostFile, agentFile } = credentialPathsOf(agent, hostHome);
  const host = await statOrNone(hostFile);
  if (host === undefined) return 'no-host-file';
  const present = await presentResult(hostFile, agentFile);
  if (present !== undefined) return present;
  await makePrivateFolder(agent.claudeFolder);
  await unlinkIfThere(agentFile);
  try {
    await symlink(hostFile, agentFile);
    return 'symlink';
  } catch {
    // Windows without the privilege: a copy, which a later check brings up to date.
    try {
      await copyFile(hostFile, agentFile);
      await utimes(agentFile, host.atimeMs / 1000, host.mtimeMs / 1000);
      return 'copy';
    } catch {
      return 'no-host-file';
    }
  }
}

async function presentResult(hostFile: string, agentFile: string): Promise<LinkResult | undefined> {
  try {
    const own = await lstat(agentFile);
    if (own.isSymbolicLink()) return (await readlink(agentFile)) === hostFile ? 'symlink (already)' : undefined;
    const host = await stat(hostFile);
    const isSame = own.isFile() && own.size === host.size && Math.abs(own.mtimeMs - host.mtimeMs) < 1;
    return isSame ? 'copy (fresh)' : undefined;
  } catch {
    // None yet.
    return undefined;
  }
}

async function statOrNone(path: string) {
  try {
    return await stat(path);
  } catch {
    // Nobody has signed in on this machine.
    return undefined;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
