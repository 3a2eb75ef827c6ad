// A stand-in for the program of Claude Code: plays recorded frames, one list per message that it is told, and remembers what it
// was given. `__TURN__` in a frame stands for the id of the message, `__ADDED__` for that of the next one.
import { readFile } from 'node:fs/promises';
import { createAsyncQueue, createDeferred, isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import type { ProgramCommand, ProgramHandle, ProgramPlacement } from '../../src/index.ts';

export interface ReplayedClaude extends ProgramPlacement {
  readonly commands: readonly ProgramCommand[];
  /** Everything that it was told, of all processes. */
  readonly told: readonly JsonObject[];
  readonly running: number;
  /** For the next message without frames. A process that has none left says nothing. */
  play(lines: readonly string[]): void;
  /** The next process says this instead of getting ready, and ends. */
  failStart(failure: { readonly lines?: readonly string[]; readonly stderr: string }): void;
  /** As if it had been killed. */
  kill(): void;
}

const LIMITS = { maxLength: 1_000_000, maxDepth: 100, integers: 'any' } as const;

export function createReplayedClaude(version = '2.1.330 (Claude Code)'): ReplayedClaude {
  const commands: ProgramCommand[] = [];
  const told: JsonObject[] = [];
  const waiting: (readonly string[])[] = [];
  const failures: { readonly lines?: readonly string[]; readonly stderr: string }[] = [];
  const running = new Set<() => void>();

  function startProcess(args: readonly string[]): ProgramHandle {
    const lines = createAsyncQueue<string>(1000);
    const ended = createDeferred<{ readonly exitCode: number | undefined; readonly signal: string | undefined }>();
    const failure = args.includes('--version') ? undefined : failures.shift();
    let added: ((uuid: string) => void) | undefined;

    function end(exitCode: number | undefined): void {
      running.delete(kill);
      lines.end();
      ended.resolve({ exitCode, signal: exitCode === undefined ? 'SIGKILL' : undefined });
    }
    function kill(): void {
      end(undefined);
    }
    running.add(kill);
    function emit(each: readonly string[]): void {
      for (const line of each) lines.add(line);
    }
    function takeMessage(uuid: string): void {
      if (added !== undefined) {
        added(uuid);
        added = undefined;
        return;
      }
      const next = (waiting.shift() ?? []).map((line) => line.replaceAll('__TURN__', uuid));
      const at = next.findIndex((line) => line.includes('__ADDED__'));
      emit(at === -1 ? next : next.slice(0, at));
      if (at !== -1) added = (other) => emit(next.slice(at).map((line) => line.replaceAll('__ADDED__', other)));
    }
    function take(line: string): void {
      const parsed = safeParseJson(line, LIMITS);
      if (parsed.kind !== 'value' || !isJsonObject(parsed.value)) throw new Error('This is no frame');
      const frame = parsed.value;
      told.push(frame);
      if (frame['type'] === 'control_request') {
        const response = { subtype: 'success', request_id: frame['request_id'] ?? null };
        lines.add(JSON.stringify({ type: 'control_response', response }));
      }
      const { uuid } = frame;
      if (frame['type'] === 'user' && typeof uuid === 'string') takeMessage(uuid);
    }

    if (args.includes('--version')) {
      lines.add(version);
      end(0);
    } else if (failure !== undefined) {
      emit(failure.lines ?? []);
      end(1);
    }
    return {
      pid: 1,
      lines,
      async write(line) {
        if (!running.has(kill)) throw new Error('It has ended');
        take(line);
      },
      endInput: () => undefined,
      stderrTail: () => failure?.stderr ?? '',
      ended: ended.promise,
      async stop() {
        end(0);
      },
      async [Symbol.asyncDispose]() {
        end(0);
      },
    };
  }

  return {
    commands,
    told,
    get running() {
      return running.size;
    },
    play(lines) {
      waiting.push(lines);
    },
    failStart(failure) {
      failures.push(failure);
    },
    kill() {
      for (const kill of running) kill();
    },
    async start(command) {
      commands.push(command);
      return startProcess(command.args);
    },
  };
}

export async function readRecording(version: string, name: string): Promise<readonly string[]> {
  const url = new URL(`../../fixtures/claude-code/${version}/${name}.jsonl`, import.meta.url);
  return (await readFile(url, 'utf8')).trimEnd().split('\n');
}
