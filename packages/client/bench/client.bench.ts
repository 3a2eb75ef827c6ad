// Speed of receiving: `npm run bench -- client`. From the bytes of a frame to the row of a proven message on disk, beside
// the limit measured in the same run (limits.ts).
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLimit } from './limits.ts';
import { createFrameSource, createMember, PLAINTEXT } from './people.ts';
import { openReadingClient } from './reading-client.ts';
import { median, quantile, type Run } from './run.ts';

const ROUNDS = 7;
const WARM_UP_ROUNDS = 2;
/** How many frames come at once, and how many such batches are a round. */
const LOADS: readonly (readonly [string, number, number])[] = [
  ['one at a time', 1, 200],
  ['10 at once', 10, 30],
  ['100 at once', 100, 4],
  ['500 at once', 500, 1],
];
const NAME_WIDTH = 16;

const folder = await mkdtemp(join(tmpdir(), 'puffo-bench-'));
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const writer = createMember('writer-0001');
  const reader = createMember('reader-0002');
  await using source = createFrameSource(writer, reader);
  await using client = await openReadingClient(join(folder, 'client.db'), { writer, reader });
  await using limit = await openLimit(join(folder, 'limit.db'), PLAINTEXT);
  console.log(
    `Node ${process.version}, ${availableParallelism()} processors. Frame to row on disk, the median of rounds.\n`,
  );
  printCells(['per second', 'limit', 'of limit', 'p50 ms', 'limit', 'p99 ms', 'limit'], 'messages'.padEnd(NAME_WIDTH));
  for (const [name, atOnce, batches] of LOADS) {
    const rounds: Round[] = [];
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      const frames = await source.create(atOnce * batches);
      const split = Array.from({ length: batches }, (_, index) => frames.slice(index * atOnce, (index + 1) * atOnce));
      const measured = { limit: await limit.run(split), own: await client.run(split) };
      if (round >= 0) rounds.push(measured);
    }
    printLoad(name, rounds);
  }
}

interface Round {
  readonly own: Run;
  readonly limit: Run;
}

function printLoad(name: string, rounds: readonly Round[]): void {
  const rateOf = ({ ms, latenciesMs }: Run) => (latenciesMs.length * 1000) / ms;
  const own = rounds.map((round) => round.own);
  const limit = rounds.map((round) => round.limit);
  const ratio = median(rounds.map((round) => round.limit.ms / round.own.ms));
  const latency = (part: number) =>
    [own, limit].map((runs) =>
      quantile(
        runs.flatMap(({ latenciesMs }) => latenciesMs),
        part,
      ).toFixed(2),
    );
  const rates = [own, limit].map((runs) => median(runs.map(rateOf)).toFixed(0));
  printCells([...rates, ratio.toFixed(2), ...latency(0.5), ...latency(0.99)], name.padEnd(NAME_WIDTH));
}

function printCells(cells: readonly string[], before: string): void {
  console.log(before + cells.map((cell) => cell.padStart(12)).join(''));
}
