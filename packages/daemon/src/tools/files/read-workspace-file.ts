// A file that is to be sent, read from one handle: what is checked is what is sent, whoever exchanges links meanwhile.
// spec: mcp-tools 5.2, 11
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, relative, sep } from 'node:path';
import { cleanLine } from '@puffo/agent';
import { LIMITS } from '@puffo/protocol';
import { codeOf } from '../../prepare/error-code.ts';
import type { ToolParts } from '../tool-parts.ts';
import { isInside, readWorkspacePath, type WorkspacePath } from './workspace-path.ts';

/** Opening a pipe would wait for somebody to write into it. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** Below the workspace: made by the daemon or by engines, with tokens and states. */
const MANAGED: ReadonlySet<string> = new Set([
  '.puffo-agent',
  '.claude',
  '.codex',
  '.gemini',
  '.mcp.json',
  '.claude.json',
]);
const MIB = 1024 * 1024;
const MAX_SIMILAR = 5;
const MAX_ENTRIES = 2000;
const SIMILAR_CHARACTERS = 3;
const MAX_NAME = 100;

export interface WorkspaceFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type FileReading =
  | { readonly kind: 'file'; readonly file: WorkspaceFile }
  | { readonly kind: 'refused'; readonly problem: string };

type FileParts = Pick<ToolParts, 'workspaceDir' | 'sharedDir' | 'features' | 'agent'>;

export async function readWorkspaceFile(given: string, parts: FileParts): Promise<FileReading> {
  const reading = readWorkspacePath(given, parts);
  if (reading.kind === 'refused') return reading;
  const { path } = reading;
  let file: FileHandle | undefined;
  try {
    file = await open(path.path, READ);
    return await readHandle(file, path, parts);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return refused(code === 'ENOENT' ? await describeMissing(path) : problemOf(code));
  } finally {
    await file?.close();
  }
}

async function readHandle(file: FileHandle, path: WorkspacePath, parts: FileParts): Promise<FileReading> {
  const stats = await file.stat();
  const problem = kindProblem(stats) ?? (await placeProblem(stats, path, parts));
  if (problem !== undefined) return refused(problem);
  const bytes = await readWhole(file, stats.size);
  if (bytes === undefined) return refused('changes while it is read; send it when it is complete');
  return { kind: 'file', file: { name: basename(path.path), bytes } };
}

function kindProblem(stats: Stats): string | undefined {
  if (stats.isDirectory()) return 'is a folder; name the files in it, or pack them';
  if (!stats.isFile()) return 'is no file';
  // A name in the workspace for what is somebody else's.
  const own = process.getuid?.();
  if (stats.nlink > 1 && own !== undefined && stats.uid !== own) return 'belongs to somebody else';
  if (stats.size <= LIMITS.fileBytes) return undefined;
  return `has ${(stats.size / MIB).toFixed(1)} MiB, and at most ${LIMITS.fileBytes / MIB} MiB can be sent; split it`;
}

/** The real place of what was opened: the same file has to be there. */
async function placeProblem(
  opened: Stats,
  { root, path }: WorkspacePath,
  { workspaceDir, agent }: FileParts,
): Promise<string | undefined> {
  const realRoot = await realpath(root);
  const realPath = await realpath(path);
  const inside = relative(realRoot, realPath);
  if (!isInside(inside)) return 'leads out of the workspace';
  const found = await lstat(realPath);
  if (found.dev !== opened.dev || found.ino !== opened.ino) return 'was exchanged while it was opened';
  const [first = ''] = inside.split(sep);
  if (root === workspaceDir && MANAGED.has(fold(first))) return 'is managed by the daemon and is not sent';
  return (await isSecret(realPath, agent)) ? 'is managed by the daemon and is not sent' : undefined;
}

/** Where the operator has put the workspace around them. */
async function isSecret(path: string, agent: FileParts['agent']): Promise<boolean> {
  const { keysFolder, claudeFolder, flagsFolder, agentFile, databaseFile, storeFile, clientFile, sessionFile } = agent;
  const secrets = [keysFolder, claudeFolder, flagsFolder, agentFile, databaseFile, storeFile, clientFile, sessionFile];
  for (const secret of secrets) {
    const real = await realpath(secret).catch(() => secret);
    // Also the journals beside a database.
    if (path === real || path.startsWith(`${real}-`) || isInside(relative(real, path))) return true;
  }
  return false;
}

/** `undefined`: it has another size by now. */
async function readWhole(file: FileHandle, size: number): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(size + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length === size ? buffer.subarray(0, size) : undefined;
}

async function describeMissing({ root, path }: WorkspacePath): Promise<string> {
  const folder = dirname(path);
  try {
    const inside = relative(await realpath(root), await realpath(folder));
    if (inside !== '' && !isInside(inside)) return 'does not exist';
    const names = (await readdir(folder)).slice(0, MAX_ENTRIES);
    const similar = names.filter((name) => isSimilar(name, basename(path))).slice(0, MAX_SIMILAR);
    if (similar.length === 0) return 'does not exist';
    return `does not exist; there is ${similar.map((name) => `'${cleanLine(name, MAX_NAME)}'`).join(', ')}`;
  } catch {
    // The folder is not there either.
    return 'does not exist';
  }
}

function isSimilar(name: string, wanted: string): boolean {
  const [left, right] = [fold(name), fold(wanted)];
  return left.includes(right.slice(0, SIMILAR_CHARACTERS)) || right.includes(left.slice(0, SIMILAR_CHARACTERS));
}

/** As file systems compare that do not tell case apart. */
function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

function problemOf(code: string): string {
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read';
  if (code === 'ELOOP') return 'is a link that leads nowhere';
  return code === 'ENOTDIR' ? 'does not exist' : 'cannot be opened';
}

function refused(problem: string): FileReading {
  return { kind: 'refused', problem };
}
