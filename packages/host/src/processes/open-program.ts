// A program that we talk to line by line, for as long as both sides want. It leads a process group of its own, so that what it
// started ends with it. spec: runtimes 5.2, 5.8
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { systemRandom } from '@puffo/base';
import { HostError } from '../host-error.ts';
import { failedToStart } from './failed-to-start.ts';
import { endLeftovers, hasGroup, type LeftoverOptions, MARK_NAME, signalGroup } from './process-group.ts';
import { readWholeLines } from './read-whole-lines.ts';
import type { ProgramEnding } from './start-program.ts';

export interface OpenOptions {
  /** All of it, but for a mark by which we know again what the program starts; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** A longer line ends the program. Default: 32 MiB. */
  readonly maxLineBytes?: number;
  /** How long each of the two polite ways to end it is given. Default: 3 s. */
  readonly graceMs?: number;
}

export interface OpenProgram extends AsyncDisposable {
  readonly pid: number;
  /** Whole lines of its standard output, for one reader. Nothing is read ahead of who reads. */
  readonly lines: AsyncIterable<string>;
  /** One line is added a line end. Resolves when it has left us; rejects when the program has ended. */
  write(line: string): Promise<void>;
  endInput(): void;
  /** The last 8 KiB of its standard error. */
  stderrTail(): string;
  /** Never rejects. */
  readonly ended: Promise<ProgramEnding>;
  /** Input closed, then TERM, then KILL, each for the whole group; resolves when the program has ended. */
  stop(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const MAX_LINE_BYTES = 32 * 1024 * 1024;
const GRACE_MS = 3000;
const MARK_BYTES = 16;
const MAX_STDERR_BYTES = 8 * 1024;
/** What escaped the group may hold the pipes of a program that has ended. */
const DRAIN_MS = 1000;

/** Resolves when it runs; fails with `no-program` when there is none of that name. Not through a shell. */
export async function openProgram(
  program: string,
  args: readonly string[],
  { environment, folder, maxLineBytes = MAX_LINE_BYTES, graceMs = GRACE_MS }: OpenOptions,
): Promise<OpenProgram> {
  const mark = Buffer.from(systemRandom.bytes(MARK_BYTES)).toString('hex');
  const child: Child = spawn(program, [...args], {
    cwd: folder,
    env: { ...environment, [MARK_NAME]: mark },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: hasGroup(),
    windowsHide: true,
  });
  const stderr = keepTail(child.stderr, MAX_STDERR_BYTES);
  const ended = untilEnded(child, { mark, graceMs });
  // A write that fails says so to whoever wrote.
  child.stdin.on('error', () => undefined);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(failedToStart(program, cause)));
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  // A signal that could not be sent.
  child.on('error', () => undefined);
  let stopping: Promise<void> | undefined;

  async function* readLines(): AsyncGenerator<string, void, void> {
    const isWhole = yield* readWholeLines(child.stdout, maxLineBytes);
    if (isWhole) return;
    stderr.add(`\nA line of more than ${maxLineBytes} bytes was printed: the program is ended`);
    signalGroup(child, 'SIGKILL');
  }

  async function stop(): Promise<void> {
    child.stdin.end();
    if (await endsWithin(ended, graceMs)) return;
    signalGroup(child, 'SIGTERM');
    if (await endsWithin(ended, graceMs)) return;
    signalGroup(child, 'SIGKILL');
    await ended;
  }

  return {
    pid,
    lines: readLines(),
    write: (line) => writeLine(child, line),
    endInput: () => child.stdin.end(),
    stderrTail: stderr.read,
    ended,
    stop() {
      stopping ??= stop();
      return stopping;
    },
    async [Symbol.asyncDispose]() {
      stopping ??= stop();
      await stopping;
    },
  };
}

/** With what it left behind. */
function untilEnded(child: Child, leftovers: LeftoverOptions): Promise<ProgramEnding> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => {
      const ending = { exitCode: exitCode ?? undefined, signal: signal ?? undefined };
      void Promise.all([endLeftovers(child, leftovers), closesWithin(child.stderr, DRAIN_MS)]).then(() => {
        drain(child.stdout);
        resolve(ending);
      });
    });
  });
}

/** A reader gets what is in the pipe, and does not wait for what left the group and holds it open. */
function drain(stdout: Readable): void {
  const timer = setInterval(() => {
    if (stdout.readableLength === 0) stdout.destroy();
  }, DRAIN_MS);
  stdout.once('close', () => clearInterval(timer));
  if (stdout.closed) clearInterval(timer);
}

function closesWithin(stream: Readable, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) {
      resolve();
      return;
    }
    const timer = setTimeout(() => stream.destroy(), timeoutMs);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function endsWithin(ended: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([ended.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

function writeLine(child: Child, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdin.write(`${line}\n`, (cause) => {
      if (cause === null || cause === undefined) resolve();
      else reject(new HostError('Cannot write to a program: it has ended', { code: 'not-runnable', cause }));
    });
  });
}

function keepTail(
  stream: Readable,
  maxBytes: number,
): { readonly add: (text: string) => void; readonly read: () => string } {
  let tail = Buffer.alloc(0);
  function add(chunk: Uint8Array): void {
    tail = Buffer.concat([tail, chunk]).subarray(-maxBytes);
  }
  stream.on('data', (chunk: Buffer) => add(chunk));
  stream.on('error', () => undefined);
  return { add: (text) => add(Buffer.from(text)), read: () => new TextDecoder().decode(tail) };
}
