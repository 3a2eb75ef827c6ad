// The world of a command: a throw-away home, lines kept, and a stop that the test asks for.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@puffo/base';
import { runCli } from '../../src/cli/run-cli.ts';
import { POSTGRES_URL, type Dialect } from './test-server.ts';

export interface TestWorld extends AsyncDisposable {
  readonly home: string;
  readonly dataDir: string;
  readonly env: Record<string, string>;
  readonly clock: { now: number };
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Outcome>;
  /** Resolves when the server listens. */
  start(...args: string[]): Promise<StartedServer>;
}

export interface Outcome {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

export interface StartedServer extends AsyncDisposable {
  readonly url: string;
  readonly clock: { now: number };
  readonly lines: readonly string[];
  readonly problems: readonly string[];
  stop(): Promise<number>;
  /** Of its standard input. */
  endInput(): void;
  readonly ending: Promise<number>;
}

let lastSchema = 0;

export async function createTestWorld(dialect: Dialect = 'sqlite'): Promise<TestWorld> {
  const home = await mkdtemp(join(tmpdir(), 'puffo-home-'));
  const clock = { now: Date.now() };
  const dataDir = join(home, '.local', 'share', 'puffo-server');
  const schema = `cli_${process.pid}_${Date.now()}_${++lastSchema}`;
  const env: Record<string, string> = {
    PUFFO_SERVER_PORT: '0',
    ...(dialect === 'postgres'
      ? { PUFFO_SERVER_DATABASE: POSTGRES_URL ?? '', PUFFO_SERVER_DATABASE_SCHEMA: schema }
      : {}),
  };

  function launch(args: readonly string[]) {
    const lines: string[] = [];
    const problems: string[] = [];
    let stop = () => undefined as void;
    const stopRequested = new Promise<void>((resolve) => {
      stop = resolve;
    });
    let endInput = () => undefined as void;
    const inputEnded = new Promise<void>((resolve) => {
      endInput = resolve;
    });
    let announce = () => undefined as void;
    const started = new Promise<void>((resolve) => {
      announce = resolve;
    });
    const ending = runCli(args, {
      env,
      home,
      platform: 'linux',
      isTerminal: false,
      now: () => clock.now,
      random: seededRandom(Date.now() + lastSchema + args.length),
      print(line) {
        lines.push(line);
        // What a server says when it listens, it says at once.
        queueMicrotask(announce);
      },
      printProblem: (line) => void problems.push(line),
      waitForStop: () => stopRequested,
      waitForInputEnd: () => inputEnded,
    });
    return { lines, problems, stop, endInput, ending, started };
  }

  return {
    home,
    dataDir,
    env,
    clock,
    async run(...args) {
      const { lines, problems, ending } = launch(args);
      return { exitCode: await ending, lines, problems };
    },
    async start(...args) {
      const { lines, problems, stop, endInput, ending, started } = launch(['start', ...args]);
      await Promise.race([started, ending]);
      const url = /http:\/\/\S+/.exec(lines[0] ?? '')?.[0];
      if (url === undefined) throw new Error(`the server did not start: ${problems.join('\n')}`);
      async function stopAndWait(): Promise<number> {
        stop();
        return ending;
      }
      return {
        url,
        clock,
        lines,
        problems,
        stop: stopAndWait,
        endInput,
        ending,
        [Symbol.asyncDispose]: async () => void (await stopAndWait()),
      };
    },
    async [Symbol.asyncDispose]() {
      if (dialect === 'postgres') await dropSchema(schema);
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function dropSchema(schema: string): Promise<void> {
  const { openPostgres } = await import('@puffo/sql');
  const { sql } = await import('kysely');
  await using database = await openPostgres({ url: POSTGRES_URL ?? '' });
  await sql.raw(`drop schema if exists "${schema}" cascade`).execute(database.db);
}
