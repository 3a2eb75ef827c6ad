// Where the embedded server is and what it is given, for those who start it and those who administer it.
import { join } from 'node:path';
import type { Home } from '../home/home.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const HOST = '127.0.0.1';
/** Enough to run. Settings of another server of this user are not among them, and no key of a provider. */
const VARIABLES: readonly string[] = [
  'PATH',
  'Path',
  'HOME',
  'USERPROFILE',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
  'TMP',
  'TZ',
  'LANG',
];

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Environment;
}

export interface ServerCommandOptions {
  /** What runs `puffo-server`: a program, and what stands before its own arguments. */
  readonly serverProgram: readonly string[];
  readonly environment: Environment;
}

export function embeddedServerFolder({ folder }: Pick<Home, 'folder'>): string {
  return join(folder, 'server');
}

export function embeddedServerUrl(port: number): string {
  return `http://${HOST}:${port}`;
}

export function startServerCommand(home: Home, port: number, options: ServerCommandOptions): ServerCommand {
  const address = ['--host', HOST, '--port', String(port)];
  // By invitation only: other users of this machine reach the port as well.
  const policy = ['--signup', 'invite', '--log-level', 'warn', '--stop-with-input'];
  return serverCommand(home, ['start', ...address, ...policy], options);
}

/** A command beside the running server, such as `invite list`. */
export function serverCommand(
  home: Home,
  words: readonly string[],
  { serverProgram: [program = '', ...before], environment }: ServerCommandOptions,
): ServerCommand {
  const known = VARIABLES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]));
  return {
    program,
    args: [...before, ...words, '--data-dir', embeddedServerFolder(home)],
    environment: Object.fromEntries(known),
  };
}
