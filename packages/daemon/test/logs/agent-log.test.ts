// Reading and following the log of one agent. spec: daemon-and-cli D-30
import { appendFile, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@puffo/testbed';
import { describe, expect, it } from 'vitest';
import { followAgentLog, readAgentLog } from '../../src/logs/read-agent-log.ts';
import { makeTemporaryHome, type TemporaryHome } from '../kit/temporary-home.ts';

const ID = 'helper';

interface LogFolder extends AsyncDisposable {
  readonly home: TemporaryHome['home'];
  path(age?: number): string;
}

async function makeLogFolder(): Promise<LogFolder> {
  const { home, ...temporary } = await makeTemporaryHome();
  const folder = join(home.folder, 'logs', 'agents');
  await mkdir(folder, { recursive: true });
  return {
    home,
    path: (age = 0) => join(folder, age === 0 ? `${ID}.log` : `${ID}.log.${age}`),
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

function numbers(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\n`).join('');
}

describe('the last lines', () => {
  it('come from the newest file, and from older ones when that has too few', async () => {
    await using logs = await makeLogFolder();
    await writeFile(logs.path(2), numbers(1, 3));
    await writeFile(logs.path(1), numbers(4, 6));
    await writeFile(logs.path(), numbers(7, 8));
    const read = (lines: number) => readAgentLog({ home: logs.home, id: ID, lines });
    expect(await read(1)).toEqual(['line 8']);
    expect(await read(3)).toEqual(['line 6', 'line 7', 'line 8']);
    expect(await read(100)).toEqual(numbers(1, 8).trim().split('\n'));
    expect(await read(0)).toEqual([]);
  });

  it('are found in a file that is longer than one look', async () => {
    await using logs = await makeLogFolder();
    await writeFile(logs.path(), numbers(1, 50_000));
    const lines = await readAgentLog({ home: logs.home, id: ID, lines: 20_000 });
    expect([lines?.length, lines?.[0], lines?.at(-1)]).toEqual([20_000, 'line 30001', 'line 50000']);
  });

  it('leave out what is still being written, and cut no character in two', async () => {
    await using logs = await makeLogFolder();
    await writeFile(logs.path(), `${'ü'.repeat(40_000)}\nwhole\nhal`);
    expect(await readAgentLog({ home: logs.home, id: ID, lines: 2 })).toEqual(['ü'.repeat(40_000), 'whole']);
  });

  it('do not exist when nothing was logged, or for what is no id', async () => {
    await using logs = await makeLogFolder();
    await writeFile(join(logs.home.folder, 'logs', 'daemon.log'), 'secret\n');
    expect(await readAgentLog({ home: logs.home, id: ID, lines: 5 })).toBeUndefined();
    expect(await readAgentLog({ home: logs.home, id: '../daemon', lines: 5 })).toBeUndefined();
  });
});

interface Following extends AsyncDisposable {
  readonly lines: readonly string[];
  /** Until so many have come. */
  reach(count: number): Promise<void>;
}

function follow({ home }: LogFolder, lines = 0): Following {
  const stopping = new AbortController();
  const seen: string[] = [];
  async function run(): Promise<void> {
    for await (const line of followAgentLog({ home, id: ID, lines, signal: stopping.signal })) seen.push(line);
  }
  const running = run();
  return {
    lines: seen,
    reach: async (count) => void (await waitFor(() => seen.length >= count, `${count} lines`)),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}

describe('following', () => {
  it('shows the last lines, then each new one once', async () => {
    await using logs = await makeLogFolder();
    await writeFile(logs.path(), numbers(1, 5));
    await using following = follow(logs, 2);
    await following.reach(2);
    await appendFile(logs.path(), 'line 6\nline');
    await following.reach(3);
    await appendFile(logs.path(), ' 7\nline 8\n');
    await following.reach(5);
    expect(following.lines).toEqual(['line 4', 'line 5', 'line 6', 'line 7', 'line 8']);
  });

  it('waits for a log that does not exist yet', async () => {
    await using logs = await makeLogFolder();
    await using following = follow(logs);
    await writeFile(logs.path(), 'line 1\n');
    await following.reach(1);
    expect(following.lines).toEqual(['line 1']);
  });

  it('misses nothing when files are moved aside, even twice at once', async () => {
    await using logs = await makeLogFolder();
    await writeFile(logs.path(), numbers(1, 2));
    await using following = follow(logs, 2);
    await following.reach(2);
    await appendFile(logs.path(), numbers(3, 3));
    await rename(logs.path(), logs.path(2));
    await writeFile(logs.path(1), numbers(4, 4));
    await writeFile(logs.path(), numbers(5, 5));
    await following.reach(5);
    await appendFile(logs.path(), numbers(6, 6));
    await following.reach(6);
    expect(following.lines).toEqual(numbers(1, 6).trim().split('\n'));
  });

  it('begins anew when the file is emptied or removed', async () => {
    await using logs = await makeLogFolder();
    await writeFile(logs.path(), numbers(1, 3));
    await using following = follow(logs, 3);
    await following.reach(3);
    await truncate(logs.path(), 0);
    await appendFile(logs.path(), 'new\n');
    await following.reach(4);
    // Made before the old one goes: its number must not be given again.
    await writeFile(`${logs.path()}.other`, 'newer\n');
    await rm(logs.path());
    await rename(`${logs.path()}.other`, logs.path());
    await following.reach(5);
    expect(following.lines.slice(3)).toEqual(['new', 'newer']);
  });

  it('ends when it is told to', async () => {
    await using logs = await makeLogFolder();
    await writeFile(logs.path(), numbers(1, 1));
    const stopped = AbortSignal.abort();
    const lines: string[] = [];
    for await (const line of followAgentLog({ home: logs.home, id: ID, lines: 5, signal: stopped })) lines.push(line);
    expect(lines).toEqual(['line 1']);
  });
});
