// What of an agent goes into an archive that people pass on: everything but what would let somebody act as the agent or its
// operator. spec: daemon-and-cli 4.16, D-38
import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { AgentPaths } from './home.ts';

export interface Selection {
  readonly files: readonly SelectedFile[];
  /** Relative paths; a folder stands for what is in it. */
  readonly leftOut: readonly string[];
}

export interface SelectedFile {
  readonly path: string;
  /** Relative to the agent's folder, with `/`. */
  readonly name: string;
  /** ms */
  readonly modifiedAt: number;
}

export interface SelectionOptions {
  readonly isWithSecrets: boolean;
  /** Keys and tokens of this home: a file in which one of them is found stays behind. */
  readonly secrets: readonly string[];
  /** Files that are put in another way. */
  readonly except: ReadonlySet<string>;
}

const MAX_FILES = 200_000;
const MAX_DEPTH = 64;
const MAX_SCANNED_BYTES = 16 * 1024 * 1024;
/** Shorter texts would be found by chance. */
const LEAST_SECRET_CHARACTERS = 8;

const TEMPORARY = /\.tmp$/;
const SECRET_NAMES =
  /^(?:\.credentials\.json|.*\.session\.json|\.env(?:\..*)?|\.netrc|\.npmrc|\.pypirc|\.git-credentials|\.claude\.json|\.?mcp(?:-config)?\.json|auth\.json|oauth_creds\.json|id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:pem|key|p12|pfx))$/i;
const SECRET_FOLDERS = /^(?:\.ssh|\.aws|\.gnupg|\.kube|\.docker|\.azure)$/;
const CACHES = /^(?:\.cache|\.npm|__pycache__|shell-snapshots|statsig)$/;
/** Of this machine, or secret; only directly in the folder of the agent. */
const LOCAL_NAMES = /^(?:keys|runtime\.json|cli_session\.json|codex_session\.json|pending_revoke\.json)$/;

export async function selectForExport(agent: AgentPaths, options: SelectionOptions): Promise<Selection> {
  const secrets = options.secrets.filter((text) => text.length >= LEAST_SECRET_CHARACTERS);
  const walk: Walk = { root: await realpath(agent.folder), options: { ...options, secrets }, files: [], leftOut: [] };
  await visitFolder(agent.folder, { walk, depth: 0, prefix: '' });
  return { files: walk.files, leftOut: walk.leftOut };
}

interface Walk {
  readonly root: string;
  readonly options: SelectionOptions;
  readonly files: SelectedFile[];
  readonly leftOut: string[];
}

interface Visit {
  readonly walk: Walk;
  readonly depth: number;
  readonly prefix: string;
}

async function visitFolder(folder: string, { walk, depth, prefix }: Visit): Promise<void> {
  if (depth > MAX_DEPTH) return;
  for (const name of (await readdir(folder)).toSorted()) {
    if (walk.files.length >= MAX_FILES) return;
    await visitEntry(join(folder, name), { walk, depth, prefix: prefix + name });
  }
}

async function visitEntry(path: string, { walk, depth, prefix: name }: Visit): Promise<void> {
  const { isWithSecrets, except } = walk.options;
  if (TEMPORARY.test(name) || except.has(name)) return;
  const stats = await lstat(path);
  const target = stats.isSymbolicLink() ? await followLink(path) : { stats, path };
  if (target === undefined) return;
  if (!isWithSecrets && (isSecretName(name) || leavesFolder(target.path, stats, walk))) {
    walk.leftOut.push(name);
    return;
  }
  // A folder behind a link may hold the folder that the link is in.
  if (stats.isDirectory()) return visitFolder(path, { walk, depth: depth + 1, prefix: `${name}/` });
  if (!target.stats.isFile()) return;
  if (!isWithSecrets && (await holdsSecret(target.path, target.stats, walk))) walk.leftOut.push(name);
  else walk.files.push({ path: target.path, name, modifiedAt: target.stats.mtimeMs });
}

interface Target {
  readonly stats: Stats;
  readonly path: string;
}

/** `undefined`: it leads nowhere. */
async function followLink(path: string): Promise<Target | undefined> {
  try {
    const target = await realpath(path);
    return { stats: await stat(target), path: target };
  } catch {
    // Its target is gone, or it goes in a circle.
    return undefined;
  }
}

function isSecretName(name: string): boolean {
  const parts = name.split('/');
  const last = parts.at(-1) ?? '';
  const isLocal = parts.length === 1 && LOCAL_NAMES.test(last);
  return isLocal || SECRET_NAMES.test(last) || parts.some((part) => SECRET_FOLDERS.test(part) || CACHES.test(part));
}

/** Also by a link to a file that would stay behind under its own name. */
function leavesFolder(target: string, stats: Stats, { root }: Walk): boolean {
  if (!stats.isSymbolicLink()) return false;
  const inside = relative(root, target);
  return inside.startsWith('..') || inside === target || isSecretName(inside.split(sep).join('/')) || isInKeys(inside);
}

function isInKeys(inside: string): boolean {
  return inside.split(sep)[0] === 'keys';
}

async function holdsSecret(path: string, { size }: Stats, { options }: Walk): Promise<boolean> {
  if (options.secrets.length === 0 || size > MAX_SCANNED_BYTES) return false;
  const content = await readFile(path);
  return options.secrets.some((secret) => content.includes(secret));
}
