// Where puffo-cli keeps its data. spec: daemon-and-cli 1.9, D-28
import { posix, win32 } from 'node:path';

export interface System {
  /** As `process.platform`. */
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
}

/** The folder that is written, and where 0.7.2 looks. */
export function dataFolderOf(system: System): string {
  return dataFoldersOf(system)[0];
}

/** Where an identity may be, in the order of looking: on Linux, puffo-cli itself follows another convention than 0.7.2. */
export function dataFoldersOf({ platform, environment, homeFolder }: System): readonly [string, ...string[]] {
  if (platform === 'win32') {
    const roaming = nonEmpty(environment['APPDATA']) ?? win32.join(homeFolder, 'AppData', 'Roaming');
    return [win32.join(roaming, 'puffo', 'puffo-cli', 'data')];
  }
  if (platform === 'darwin') {
    return [posix.join(homeFolder, 'Library', 'Application Support', 'ai.puffo.puffo-cli')];
  }
  const base = absolute(environment['XDG_DATA_HOME']) ?? posix.join(homeFolder, '.local', 'share');
  return [posix.join(base, 'puffo', 'puffo-cli'), posix.join(base, 'puffo-cli')];
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** A relative one is to be ignored, says the XDG specification. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && posix.isAbsolute(path) ? path : undefined;
}
