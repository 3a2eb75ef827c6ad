// A home of `puffo-agent` for one test: commands run in this process, or as the built program.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { AgentWorld } from '../../src/puffo-agent/agent-world.ts';
import { runAgentCli } from '../../src/puffo-agent/run-agent-cli.ts';
import type { OutputStream } from '../../src/world.ts';

const FIXTURE = new URL('../../../../fixtures/home-0.7.2', import.meta.url).pathname;
export const PROGRAM = new URL('../../bin/puffo-agent.mjs', import.meta.url).pathname;

export interface AgentHome extends AsyncDisposable {
  /** Above the home; the working folder of commands. */
  readonly folder: string;
  /** `$H` of the specification. */
  readonly home: string;
  /** `PUFFO_AGENT_HOME`, a home of the user, and a short `PATH`. */
  readonly env: Record<string, string | undefined>;
  in(...names: readonly string[]): string;
  read(...names: readonly string[]): Promise<string>;
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** As a process of its own. */
  spawn(args: readonly string[], options?: SpawnOptions): Promise<Result>;
}

export interface Result {
  readonly exitCode: number | null;
  readonly out: string;
  readonly problems: string;
}

export interface RunOptions {
  /** What comes through the pipe; it is at its end otherwise. */
  readonly input?: string;
  readonly world?: Partial<AgentWorld>;
}

export interface SpawnOptions {
  readonly input?: string;
  readonly folder?: string;
}

export async function createAgentHome(): Promise<AgentHome> {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-agent-'));
  const home = join(folder, 'home');
  const user = join(folder, 'user');
  const env: Record<string, string | undefined> = { PUFFO_AGENT_HOME: home, HOME: user, PATH: '/usr/bin:/bin' };
  return {
    folder,
    home,
    env,
    in: (...names) => join(home, ...names),
    read: (...names) => readFile(join(home, ...names), 'utf8'),
    async run(args, { input = '', world = {} } = {}) {
      const stdin = new PassThrough();
      stdin.end(input);
      const stdout = createCollector();
      const stderr = createCollector();
      const exitCode = await runAgentCli(args, {
        env,
        home: user,
        workingFolder: folder,
        platform: process.platform,
        stdin,
        stdout: stdout.stream,
        stderr: stderr.stream,
        stop: new AbortController().signal,
        ...world,
      });
      return { exitCode, out: stdout.text(), problems: stderr.text() };
    },
    spawn: (args, options = {}) => runProgram(args, { env, folder, ...options }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** With a copy of what 0.7.2 wrote. */
export async function createFixtureHome(): Promise<AgentHome> {
  const created = await createAgentHome();
  await cp(FIXTURE, created.home, { recursive: true });
  return created;
}

interface ProgramRun {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly input?: string;
}

function runProgram(args: readonly string[], { env, folder, input }: ProgramRun): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: folder,
      env: { ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    child.on('error', reject);
    let out = '';
    let problems = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (problems += chunk));
    child.on('close', (exitCode) => resolve({ exitCode, out, problems }));
    child.stdin?.end(input);
  });
}

export function createCollector(): { readonly stream: OutputStream; readonly text: () => string } {
  const stream = new PassThrough();
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { stream, text: () => text };
}
