// Which file of the workspace a model means, before anybody looks at it: plain names below one of the folders it may send from.
// spec: mcp-tools 5.2, 11
import { isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import type { ToolParts } from '../tool-parts.ts';

export interface WorkspacePath {
  /** The folder that it has to stay in. */
  readonly root: string;
  /** Absolute. */
  readonly path: string;
}

export type PathReading =
  | { readonly kind: 'path'; readonly path: WorkspacePath }
  /** Completes "'name' …". */
  | { readonly kind: 'refused'; readonly problem: string };

const SHARED = 'shared/';
const OUTSIDE = 'is outside of the workspace; copy the file into it and use a relative path';

type PathParts = Pick<ToolParts, 'workspaceDir' | 'sharedDir' | 'features'>;

export function readWorkspacePath(given: string, parts: PathParts): PathReading {
  if (given.trim() === '') return refused('is empty');
  if (given.includes('\0')) return refused('holds a character that no path has');
  const { workspaceDir, sharedDir } = parts;
  const name = insideName(given, parts);
  if (name === undefined) return refused(OUTSIDE);
  if (sharedDir !== undefined && name.startsWith(SHARED)) {
    return underRoot(sharedDir, name.slice(SHARED.length));
  }
  return underRoot(workspaceDir, name);
}

/** Relative to the workspace. */
function insideName(given: string, { workspaceDir, features, sharedDir }: PathParts): string | undefined {
  const seenAs = features.workspaceSeenAs;
  if (seenAs !== undefined && posix.isAbsolute(given)) {
    const inside = posix.relative(seenAs, posix.normalize(given));
    if (!inside.startsWith('..')) return inside;
  }
  if (!isAbsolute(given)) return given;
  for (const [root, prefix] of [
    [workspaceDir, ''] as const,
    ...(sharedDir === undefined ? [] : [[sharedDir, SHARED] as const]),
  ]) {
    const inside = relative(root, resolve(given));
    if (isInside(inside)) return prefix + inside;
  }
  return undefined;
}

function underRoot(root: string, name: string): PathReading {
  const path = resolve(root, name);
  if (!isInside(relative(root, path))) return refused(OUTSIDE);
  // `a/../b` is inside, but a link at `a` may lead elsewhere.
  if (name.split(/[\\/]/).includes('..')) return refused("must not hold '..'");
  return { kind: 'path', path: { root, path: join(path) } };
}

/** Of a relative path: it names something below. */
export function isInside(inside: string): boolean {
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

function refused(problem: string): PathReading {
  return { kind: 'refused', problem };
}
