// Plays back what codex 0.169.0 said to this driver, in the place of the program: it goes on when the driver writes what it wrote
// then.
import { readFile } from 'node:fs/promises';
import { createAsyncQueue, createDeferred, isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import type { ProgramCommand, ProgramHandle, ProgramPlacement } from '../src/program/program-placement.ts';

export interface RecordedFrame {
  readonly direction: 'sent' | 'received';
  readonly frame: JsonObject;
}

const LIMITS = { maxLength: 1_000_000, maxDepth: 50, integers: 'any' } as const;

export async function readRecording(name: string): Promise<readonly RecordedFrame[]> {
  const text = await readFile(new URL(`../fixtures/codex/${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const parsed = safeParseJson(line, LIMITS);
      if (parsed.kind !== 'value') throw new Error(`A line of ${name} is no JSON`);
      return parsed.value as unknown as RecordedFrame;
    });
}

export interface Replay extends ProgramPlacement {
  readonly commands: readonly ProgramCommand[];
  /** What was written and is not what was written then. */
  readonly surprises: readonly JsonObject[];
  /** Programs that have ended. */
  readonly endings: readonly unknown[];
}

/** One program for each recording; it ends when its recording does, if `endsWithIt`. */
export function createReplay(recordings: readonly (readonly RecordedFrame[])[], endsWithIt = false): Replay {
  const commands: ProgramCommand[] = [];
  const surprises: JsonObject[] = [];
  const endings: unknown[] = [];
  return {
    commands,
    surprises,
    endings,
    async start(command) {
      const frames = recordings[commands.length] ?? [];
      commands.push(command);
      const program = playProgram(frames, { endsWithIt, surprises });
      void program.ended.then((ending) => endings.push(ending));
      return program;
    },
  };
}

/** A recording of several programs, cut where each of them was greeted. */
export function splitPrograms(frames: readonly RecordedFrame[]): readonly (readonly RecordedFrame[])[] {
  const starts = frames.flatMap(({ frame }, index) => (frame['method'] === 'initialize' ? [index] : []));
  return starts.map((start, index) => frames.slice(start, starts[index + 1]));
}

interface Play {
  readonly endsWithIt: boolean;
  readonly surprises: JsonObject[];
}

function playProgram(frames: readonly RecordedFrame[], { endsWithIt, surprises }: Play): ProgramHandle {
  const lines = createAsyncQueue<string>(10_000);
  const ended = createDeferred<{ readonly exitCode: number | undefined; readonly signal: undefined }>();
  let next = 0;

  async function stop(): Promise<void> {
    lines.end();
    ended.resolve({ exitCode: 0, signal: undefined });
  }

  return {
    pid: 0,
    lines,
    async write(line) {
      const parsed = safeParseJson(line, LIMITS);
      const written = parsed.kind === 'value' && isJsonObject(parsed.value) ? parsed.value : {};
      if (!isSame(written, frames[next]?.frame)) {
        surprises.push(written);
        return;
      }
      next++;
      for (; frames[next]?.direction === 'received'; next++) lines.add(JSON.stringify(frames[next]?.frame));
      if (endsWithIt && next >= frames.length) await stop();
    },
    endInput: () => undefined,
    stderrTail: () => '\u001B[31mERROR\u001B[0m It broke with sk-secret-0123456789\n',
    ended: ended.promise,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function isSame(written: JsonObject, recorded: JsonObject | undefined): boolean {
  return recorded !== undefined && sorted(written) === sorted(recorded);
}

function sorted(frame: JsonObject): string {
  return JSON.stringify(frame, (_, value: unknown) =>
    isJsonObject(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}
