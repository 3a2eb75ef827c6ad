// What other users must not read, from homes that were made before anybody cared. spec: daemon-and-cli D-2
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentPaths, createAgentPaths, type Home } from './home.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const OF_OTHERS = 0o077;
const MAX_ENTRIES = 10_000;

/**
 * Folders to 0700 and files with secrets to 0600, as far as they are ours; links are not followed. Nothing is made. Done
 * without waiting, because every command does it and a call costs microseconds.
 */
export function repairModes(home: Home): void {
  if (process.platform === 'win32') return;
  if (!protect(home.folder)) return;
  for (const path of [home.daemonFile, home.pairingFile, home.agentsFolder, home.archivedFolder]) protect(path);
  for (const parent of [home.agentsFolder, home.archivedFolder]) {
    for (const name of namesIn(parent)) repairAgent(createAgentPaths(join(parent, name), name));
  }
}

function repairAgent(paths: AgentPaths): void {
  if (!protect(paths.folder)) return;
  for (const name of namesIn(paths.folder)) {
    if (SECRET_FILE.test(name)) protect(join(paths.folder, name));
  }
  for (const folder of [paths.flagsFolder, paths.resolve('memory')]) protect(folder);
  if (protect(paths.keysFolder)) {
    for (const name of namesIn(paths.keysFolder)) protect(join(paths.keysFolder, name));
  }
  if (protect(paths.claudeFolder)) protect(join(paths.claudeFolder, '.credentials.json'));
  if (protect(paths.resolve('workspace/.puffo-agent'))) {
    for (const name of ['audit.log', 'mcp-config.json']) protect(paths.resolve(`workspace/.puffo-agent/${name}`));
  }
}

const SECRET_FILE =
  /^(?:agent\.yml|profile\.md|runtime\.json|cli_session\.json|codex_session\.json|mcp-config\.json|pending_revoke\.json|\.claude\.json|.*\.db(?:-wal|-shm)?)$/;

/** Whether it is a folder that can be looked into. */
function protect(path: string): boolean {
  try {
    // Most are not there, and to throw costs more than to look.
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return false;
    if (!stats.isFile() && !stats.isDirectory()) return false;
    const isExposed = (stats.mode & OF_OTHERS) !== 0;
    if (isExposed && stats.uid === process.getuid?.()) chmodSync(path, stats.isDirectory() ? FOLDER_MODE : FILE_MODE);
    return stats.isDirectory();
  } catch {
    // Gone meanwhile, or on a file system without permissions: there is nothing to repair.
    return false;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, MAX_ENTRIES);
  } catch {
    // Not there.
    return [];
  }
}
