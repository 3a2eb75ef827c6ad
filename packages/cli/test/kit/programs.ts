// The real programs in processes of their own, as people start them, each with a throw-away home.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@puffo/testbed';

const SERVER = fileURLToPath(new URL('../../../server/bin/puffo-server.mjs', import.meta.url));
const CLIENT = fileURLToPath(new URL('../../bin/puffo-cli.mjs', import.meta.url));
const CODE = /\b[2-9A-Z]{4}(-[2-9A-Z]{4}){3}\b/;
/** On a busy machine several programs start at once. */
const PATIENCE = { timeoutMs: 60_000 };

export interface Program {
  readonly out: () => string;
  readonly problems: () => string;
  readonly ending: Promise<number | null>;
  readonly type: (text: string) => void;
  readonly endInput: () => void;
  readonly kill: (signal: 'SIGINT' | 'SIGTERM') => void;
}

export interface Machine extends AsyncDisposable {
  readonly home: string;
  start(...args: readonly string[]): Program;
  /** To its end, which has to be a good one. What it printed. */
  run(...args: readonly string[]): Promise<string>;
  ask<Value = Record<string, string>>(...args: readonly string[]): Promise<Value>;
}

export interface AdministeredServer extends AsyncDisposable {
  readonly url: string;
  /** Fresh, for one person. */
  createInviteCode(): Promise<string>;
}

export async function startServerProgram(): Promise<AdministeredServer> {
  const home = await mkdtemp(join(tmpdir(), 'puffo-server-'));
  const dataDir = ['--data-dir', join(home, 'data')];
  const server = startProgram(SERVER, { args: ['start', '--port', '0', ...dataDir], home });
  const url = await waitFor(() => /listens on (http:\S+)/.exec(server.out())?.[1], 'the server', PATIENCE);
  return {
    url,
    async createInviteCode() {
      const program = startProgram(SERVER, { args: ['invite', 'create', ...dataDir], home });
      await program.ending;
      const [code] = CODE.exec(program.out()) ?? [];
      if (code === undefined) throw new Error(`there is no code in: ${program.out()}${program.problems()}`);
      return code;
    },
    async [Symbol.asyncDispose]() {
      server.kill('SIGTERM');
      await server.ending;
      await rm(home, { recursive: true, force: true });
    },
  };
}

export async function createMachine(): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), 'puffo-machine-'));

  async function run(...args: readonly string[]): Promise<string> {
    const program = startProgram(CLIENT, { args, home });
    program.endInput();
    const exitCode = await program.ending;
    if (exitCode === 0) return program.out();
    throw new Error(`puffo-cli ${args.join(' ')} ended with ${exitCode}: ${program.problems()}`);
  }

  return {
    home,
    start: (...args) => startProgram(CLIENT, { args, home }),
    run,
    ask: async <Value>(...args: readonly string[]) => JSON.parse(await run(...args, '--json')) as Value,
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

interface ProgramToStart {
  readonly args: readonly string[];
  readonly home: string;
}

function startProgram(path: string, { args, home }: ProgramToStart): Program {
  const env = { PATH: '/usr/bin:/bin', HOME: home, XDG_DATA_HOME: join(home, 'share') };
  const child = spawn(process.execPath, [path, ...args], { env, cwd: home, stdio: ['pipe', 'pipe', 'pipe'] });
  const out = collect(child, 'stdout');
  const problems = collect(child, 'stderr');
  // A program that has ended does not read what is typed to it.
  child.stdin.on('error', () => undefined);
  return {
    out,
    problems,
    ending: once(child, 'close').then(() => child.exitCode),
    type: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
  };
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
