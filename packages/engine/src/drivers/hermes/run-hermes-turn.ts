// One turn of Hermes: a process that reads what is said, prints what it replies, and ends. Its tools are not seen from outside.
// spec: runtimes 2.9, 7.1
import { secretsOf } from '../../program/program-environment.ts';
import type { ProgramHandle } from '../../program/program-placement.ts';
import { createSilenceWatch } from '../../program/silence-watch.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { EngineFailure } from '../../spec/engine.ts';
import { buildHermesCommand, type HermesTurn } from './hermes-command.ts';
import { hermesFailure } from './hermes-failure.ts';
import type { HermesEngineOptions } from './hermes-options.ts';
import { type HermesOutput, readHermesOutput } from './read-hermes-output.ts';

export type HermesResult =
  | { readonly kind: 'done'; readonly output: HermesOutput }
  | { readonly kind: 'failed'; readonly failure: EngineFailure };

export interface HermesRun extends HermesTurn {
  /** With the system prompt where it is needed. */
  readonly input: string;
  readonly signal: AbortSignal;
}

const MAX_PRINTED = 4 * 1024 * 1024;

export async function runHermesTurn(options: HermesEngineOptions, run: HermesRun): Promise<HermesResult> {
  const secrets = [...secretsOf(options.environment), ...(run.endpoint === undefined ? [] : [run.endpoint.token])];
  let handle: ProgramHandle;
  try {
    handle = await options.placement.start(buildHermesCommand(options, run));
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { kind: 'failed', failure: driverFailure('crashed', error.message, { secrets }) };
  }
  await using program = handle;
  let isSilent = false;
  function stop(): void {
    void program.stop();
  }
  using watch = createSilenceWatch({
    silenceMs: options.silenceMs,
    isWaiting: () => false,
    onSilence() {
      isSilent = true;
      stop();
    },
  });
  run.signal.addEventListener('abort', stop, { once: true });
  if (run.signal.aborted) stop();
  try {
    // A program that ends without reading says why itself.
    await program.write(run.input).catch(() => undefined);
    program.endInput();
    const lines = await readLines(program, () => watch.touch());
    const ended = await program.ended;
    if (isSilent) {
      return { kind: 'failed', failure: driverFailure('timeout', `Hermes said nothing for ${options.silenceMs} ms`) };
    }
    if (ended.exitCode === 0) return { kind: 'done', output: readHermesOutput(lines) };
    const printed = `${lines.join('\n')}\n${program.stderrTail()}`;
    return { kind: 'failed', failure: hermesFailure({ ...ended, printed }, secrets) };
  } finally {
    run.signal.removeEventListener('abort', stop);
  }
}

async function readLines(program: ProgramHandle, onLine: () => void): Promise<readonly string[]> {
  const lines: string[] = [];
  let length = 0;
  for await (const line of program.lines) {
    onLine();
    length += line.length;
    if (length > MAX_PRINTED) {
      await program.stop();
      break;
    }
    lines.push(line);
  }
  return lines;
}
