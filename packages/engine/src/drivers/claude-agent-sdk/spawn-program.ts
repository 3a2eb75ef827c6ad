// How the SDK starts its program: by our placement, with a process group of its own and nothing of our environment. The SDK wants
// streams at once, the placement takes a moment. spec: runtimes 4.3, 5.2
import { EventEmitter, once } from 'node:events';
import { PassThrough, type Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';
import type { ProgramHandle, ProgramPlacement } from '../../program/program-placement.ts';

export interface SpawnRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface SpawnedProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly killed: boolean;
  readonly exitCode: number | null;
  kill(signal: string): boolean;
  on: EventEmitter['on'];
  once: EventEmitter['once'];
  off: EventEmitter['off'];
}

export interface ProgramSpawner {
  spawn(request: SpawnRequest): SpawnedProgram;
  stderrTail(): string;
  /** Ends what was started, group and all. */
  stop(): Promise<void>;
}

/** For one program. `folder`: where it works when the SDK does not say. */
export function createProgramSpawner(placement: ProgramPlacement, folder: string): ProgramSpawner {
  let starting: Promise<ProgramHandle> | undefined;
  let running: ProgramHandle | undefined;

  return {
    spawn({ command, args, cwd = folder, env }) {
      const environment = Object.fromEntries(Object.entries(env).filter((entry) => entry[1] !== undefined));
      starting = placement.start({
        program: command,
        args,
        // Nothing undefined is left in it.
        environment: environment as Record<string, string>,
        folder: cwd,
      });
      void starting.then(
        (handle) => {
          running = handle;
        },
        () => undefined,
      );
      return toSpawned(starting);
    },
    stderrTail: () => running?.stderrTail() ?? '',
    async stop() {
      const handle = await starting?.catch(() => undefined);
      await handle?.stop();
    },
  };
}

function toSpawned(starting: Promise<ProgramHandle>): SpawnedProgram {
  const events = new EventEmitter();
  const stdout = new PassThrough();
  let killed = false;
  let exitCode: number | null = null;

  async function follow(): Promise<void> {
    const handle = await starting;
    for await (const line of handle.lines) {
      if (!stdout.write(`${line}\n`) && !killed) await Promise.race([once(stdout, 'drain'), handle.ended]);
    }
    const ended = await handle.ended;
    exitCode = ended.exitCode ?? null;
    stdout.end();
    events.emit('exit', exitCode, ended.signal ?? null);
  }

  // Who listens learns it; without a listener the event would be thrown.
  events.on('error', () => undefined);
  void follow().catch((error: unknown) => {
    stdout.end();
    events.emit('error', error);
  });
  return {
    stdin: createInput(starting),
    stdout,
    get killed() {
      return killed;
    },
    get exitCode() {
      return exitCode;
    },
    kill() {
      killed = true;
      void starting.then((handle) => handle.stop()).catch(() => undefined);
      return true;
    },
    on: events.on.bind(events),
    once: events.once.bind(events),
    off: events.off.bind(events),
  };
}

function createInput(starting: Promise<ProgramHandle>): Writable {
  let rest = '';

  async function write(chunk: string | Buffer, _encoding: string): Promise<void> {
    const text = chunk.toString();
    const handle = await starting;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) await handle.write(line);
  }

  async function end(): Promise<void> {
    const handle = await starting;
    handle.endInput();
  }

  const input = new Writable({
    decodeStrings: false,
    write: callbackify(write),
    final: callbackify(end),
  });
  // The end of the program says it as well.
  input.on('error', () => undefined);
  return input;
}
