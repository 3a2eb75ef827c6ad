import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

const DEFAULT_EXTENSIONS = '.COM;.EXE;.BAT;.CMD';

export interface SearchOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a name with a separator is relative to. */
  readonly folder?: string;
}

/** The path of a program as a shell finds it; `undefined`: there is none. */
export async function findProgram(
  name: string,
  { environment, folder = '.' }: SearchOptions,
): Promise<string | undefined> {
  if (name === '') return undefined;
  const hasFolder = isAbsolute(name) || /[\\/]/.test(name);
  const folders = hasFolder ? [''] : (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter);
  for (const each of folders) {
    if (!hasFolder && each === '') continue;
    const path = hasFolder ? resolve(folder, name) : join(each, name);
    for (const candidate of withExtensions(path, environment)) {
      if (await isProgram(candidate)) return candidate;
    }
  }
  return undefined;
}

function withExtensions(path: string, environment: SearchOptions['environment']): readonly string[] {
  if (process.platform !== 'win32') return [path];
  const extensions = (environment['PATHEXT'] ?? DEFAULT_EXTENSIONS).split(';');
  return [path, ...extensions.map((extension) => path + extension)];
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Whatever the reason: it cannot be run.
    return false;
  }
}
