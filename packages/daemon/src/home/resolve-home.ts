// Where the home is: `PUFFO_AGENT_HOME`, made absolute once, or `~/.puffo-agent`. spec: daemon-and-cli 1.1, D-1
import { posix, win32 } from 'node:path';
import { DaemonError } from '../daemon-error.ts';

export const HOME_VARIABLE = 'PUFFO_AGENT_HOME';
const FORMER_VARIABLE = 'PUFFO_HOME';
const DEFAULT_FOLDER = '.puffo-agent';

export interface HomeSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the user. */
  readonly homeFolder: string;
  readonly workingFolder: string;
  /** As `process.platform`. */
  readonly platform: string;
  /** Of another user, for `~name`; `undefined`: unknown. */
  readonly findHomeOf?: (user: string) => string | undefined;
}

export function resolveHome(sources: HomeSources): string {
  const { environment, homeFolder, workingFolder, platform } = sources;
  const path = platform === 'win32' ? win32 : posix;
  const written = environment[HOME_VARIABLE] ?? '';
  if (written === '') return path.join(homeFolder, DEFAULT_FOLDER);
  return path.resolve(workingFolder, expandTilde(written, sources));
}

/** A former variable that people may still set, to another place. */
export function findIgnoredHome({ environment }: HomeSources, home: string): string | undefined {
  const former = environment[FORMER_VARIABLE] ?? '';
  if (former === '' || former === home) return undefined;
  return `${FORMER_VARIABLE} is set and has no effect: the home is ${home}; set ${HOME_VARIABLE} to choose another`;
}

function expandTilde(written: string, { homeFolder, platform, findHomeOf }: HomeSources): string {
  const [, user, rest = ''] =
    (platform === 'win32' ? /^~([^\\/]*)([\\/].*)?$/ : /^~([^/]*)(\/.*)?$/).exec(written) ?? [];
  if (user === undefined) return written;
  const base = user === '' ? homeFolder : findHomeOf?.(user);
  if (base !== undefined) return base + rest;
  throw new DaemonError(
    `Cannot use ${HOME_VARIABLE}=${written}: the home of user '${user}' is not known; write the path in full`,
    { code: 'invalid-argument' },
  );
}
