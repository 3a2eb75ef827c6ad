// One program that runs beside us, until it is told to stop or ends by itself. It holds our end of a pipe as its standard input:
// a program that heeds the end of it does not outlive us, however we end.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { failedToStart } from './failed-to-start.ts';

export interface StartOptions {
  /** Absent: that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
  /** Whole lines without their end, as far as they fit. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** Never rejects. */
  readonly ended: Promise<ProgramEnding>;
  /** Ends its input and asks it to end; by force when it has not after `graceMs`. Disposing does it with the shortest time. */
  stop(options: { readonly graceMs: number }): Promise<ProgramEnding>;
}

export interface ProgramEnding {
  /** `undefined`: a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

const MAX_LINE_CHARACTERS = 8192;
const SHORTEST_GRACE_MS = 2000;

/** Resolves when it runs; fails with `no-program` when there is none of that name. Not through a shell. */
export async function startProgram(
  program: string,
  args: readonly string[],
  { environment, folder, onLine }: StartOptions = {},
): Promise<RunningProgram> {
  const child = spawn(program, [...args], {
    cwd: folder,
    env: environment === undefined ? undefined : { ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const ended = new Promise<ProgramEnding>((resolve) => {
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined });
    });
  });
  // Its end is told by `ended`.
  child.stdin.on('error', () => undefined);
  readLines(child.stdout, (line) => onLine?.(line, 'stdout'));
  readLines(child.stderr, (line) => onLine?.(line, 'stderr'));
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(failedToStart(program, cause)));
    child.once('spawn', () => resolve(child.pid ?? 0));
  });

  async function stop({ graceMs }: { readonly graceMs: number }): Promise<ProgramEnding> {
    child.stdin.end();
    child.kill('SIGTERM');
    const killer = setTimeout(() => {
      child.kill('SIGKILL');
      // Its children may hold the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
    }, graceMs);
    try {
      return await ended;
    } finally {
      clearTimeout(killer);
    }
  }

  return {
    pid,
    ended,
    stop,
    async [Symbol.asyncDispose]() {
      await stop({ graceMs: SHORTEST_GRACE_MS });
    },
  };
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, terminal: false }).on('line', (line) => onLine(line.slice(0, MAX_LINE_CHARACTERS)));
}
