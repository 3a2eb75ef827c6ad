// The world of commands: a throw-away home, streams that the test holds, and a stop that it asks for.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { systemClock, systemRandom } from '@puffo/base';
import { runCli } from '../../src/run-cli.ts';
import type { OutputStream } from '../../src/world.ts';

export interface TestWorld extends AsyncDisposable {
  readonly home: string;
  /** Where puffo-cli keeps its data. */
  readonly dataFolder: string;
  readonly env: Record<string, string>;
  /** Runs a command to its end; `input` is what comes through the pipe. */
  run(args: readonly string[], input?: string): Promise<Result>;
  /** As `run`, and fails unless the exit code is 0. Returns the value that `--json` prints. */
  ask<Value = Record<string, string>>(args: readonly string[], input?: string): Promise<Value>;
  start(args: readonly string[], options?: StartOptions): StartedCommand;
}

export interface StartOptions {
  readonly isTerminal?: boolean;
}

export interface Result {
  readonly exitCode: number;
  readonly out: string;
  readonly problems: string;
}

export interface StartedCommand {
  readonly ending: Promise<Result>;
  /** What it has written so far. */
  readonly out: () => string;
  readonly problems: () => string;
  readonly type: (text: string) => void;
  /** The end of the pipe. */
  readonly endInput: () => void;
  /** As Ctrl-C does. */
  readonly stop: () => void;
}

export async function createTestWorld(): Promise<TestWorld> {
  const home = await mkdtemp(join(tmpdir(), 'puffo-cli-'));
  const env: Record<string, string> = {};

  function start(args: readonly string[], { isTerminal = false }: StartOptions = {}): StartedCommand {
    const stdin = Object.assign(new PassThrough(), { isTTY: isTerminal, setRawMode: () => undefined });
    const stdout = createCollector(isTerminal);
    const stderr = createCollector(isTerminal);
    const stopping = new AbortController();
    const ending = runCli(args, {
      env,
      home,
      platform: 'linux',
      now: systemClock,
      random: systemRandom,
      stdin,
      stdout: stdout.stream,
      stderr: stderr.stream,
      stop: stopping.signal,
    });
    return {
      ending: ending.then((exitCode) => ({ exitCode, out: stdout.text(), problems: stderr.text() })),
      out: stdout.text,
      problems: stderr.text,
      type: (text) => void stdin.write(text),
      endInput: () => void stdin.end(),
      stop: () => stopping.abort(),
    };
  }

  async function run(args: readonly string[], input = ''): Promise<Result> {
    const command = start(args);
    command.type(input);
    command.endInput();
    return command.ending;
  }

  return {
    home,
    dataFolder: join(home, '.local', 'share', 'puffo', 'puffo-cli'),
    env,
    start,
    run,
    async ask<Value>(args: readonly string[], input?: string) {
      const { exitCode, out, problems } = await run([...args, '--json'], input);
      if (exitCode !== 0) throw new Error(`puffo-cli ${args.join(' ')} ended with ${exitCode}: ${problems}`);
      return JSON.parse(out) as Value;
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

function createCollector(isTerminal: boolean): { readonly stream: OutputStream; readonly text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 80 });
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { stream, text: () => text };
}
