// Which version a program is, asked once as long as its file stays the same. spec: runtimes 5.1, 10.2.10
import { stat } from 'node:fs/promises';
import { createSingleFlight } from '@puffo/base';
import type { ProgramCommand, ProgramPlacement } from './program-placement.ts';

export type ProgramVersion = readonly [major: number, minor: number, patch: number];

export interface ProgramVersions {
  /** `undefined`: it says nothing that looks like a version. Fails with an `EngineError` when it does not start. */
  detect(placement: ProgramPlacement, command: Omit<ProgramCommand, 'args'>): Promise<ProgramVersion | undefined>;
}

const ASK_MS = 30_000;
const MAX_LINES = 20;
const MAX_KNOWN = 100;

/** One for all engines of a daemon: their programs are the same. */
export function createProgramVersions(): ProgramVersions {
  const known = new Map<string, ProgramVersion>();
  const asking = createSingleFlight<string>();
  return {
    async detect(placement, command) {
      const key = await identify(command.program);
      return (
        known.get(key) ??
        asking.run(key, async () => {
          const version = await ask(placement, command);
          if (known.size >= MAX_KNOWN) known.clear();
          if (version !== undefined) known.set(key, version);
          return version;
        })
      );
    },
  };
}

/** A program inside of a container has no file here: its path has to do. */
async function identify(program: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(program);
    return `${program} ${mtimeMs} ${size}`;
  } catch {
    return program;
  }
}

async function ask(
  placement: ProgramPlacement,
  command: Omit<ProgramCommand, 'args'>,
): Promise<ProgramVersion | undefined> {
  await using program = await placement.start({ ...command, args: ['--version'] });
  program.endInput();
  const timer = setTimeout(() => void program.stop(), ASK_MS);
  try {
    let count = 0;
    for await (const line of program.lines) {
      const version = parseVersion(line);
      count++;
      if (version !== undefined || count >= MAX_LINES) return version;
    }
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** The first `1.2.3` of a line. */
export function parseVersion(line: string): ProgramVersion | undefined {
  const found = /(?<![\d.])(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?!\d)/.exec(line);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3])];
}

export function isOlder(version: ProgramVersion, than: ProgramVersion): boolean {
  const difference = version.map((part, index) => part - (than[index] ?? 0)).find((part) => part !== 0);
  return difference !== undefined && difference < 0;
}
