// One program, to its end.
import { spawn, type StdioOptions } from 'node:child_process';
import { failedToStart } from './failed-to-start.ts';

const KILL_AFTER_MS = 2000;

export interface RunOptions {
  /** Absent: that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
  /** `terminal`: the program has our terminal to itself. `collect`: no input, and so much of what it prints. */
  readonly output: { readonly kind: 'terminal' } | { readonly kind: 'collect'; readonly maxBytes: number };
  /** Then it is ended. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramResult {
  readonly ending: 'exited' | 'timed-out' | 'stopped';
  /** `undefined`: a signal ended it. */
  readonly exitCode: number | undefined;
  /** As far as it was collected. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Fails with `no-program` when there is none of that name. Not through a shell. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<ProgramResult> {
  const { output, timeoutMs, signal } = options;
  const isCollecting = output.kind === 'collect';
  const stdio: StdioOptions = isCollecting ? ['ignore', 'pipe', 'pipe'] : 'inherit';
  const child = spawn(program, [...args], {
    cwd: options.folder,
    env: options.environment === undefined ? undefined : { ...options.environment },
    stdio,
    windowsHide: isCollecting,
  });
  const stdout = collect(child.stdout, output);
  const stderr = collect(child.stderr, output);
  let ending: ProgramResult['ending'] = 'exited';
  let killer: NodeJS.Timeout | undefined;

  function end(why: 'timed-out' | 'stopped'): void {
    ending = why;
    child.kill('SIGTERM');
    killer = setTimeout(() => {
      child.kill('SIGKILL');
      // Its children may hold the pipes open.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, KILL_AFTER_MS);
  }

  const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('timed-out'), timeoutMs);

  function onAbort(): void {
    end('stopped');
  }

  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { ending, exitCode: exitCode ?? undefined, stdout: stdout(), stderr: stderr() };
  } catch (cause) {
    throw failedToStart(program, cause);
  } finally {
    clearTimeout(timer);
    clearTimeout(killer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function collect(stream: NodeJS.ReadableStream | null, output: RunOptions['output']): () => string {
  const chunks: Buffer[] = [];
  let left = output.kind === 'collect' ? output.maxBytes : 0;
  stream?.on('data', (chunk: Buffer) => {
    // Read on to the end: a program that cannot print waits for ever.
    if (left <= 0) return;
    chunks.push(chunk.subarray(0, left));
    left -= chunk.length;
  });
  return () => new TextDecoder().decode(Buffer.concat(chunks));
}
