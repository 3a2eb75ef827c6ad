// Many agents in one daemon: `npm run bench -- daemon`. How soon they are there, what an idle one costs, how fast one begins to
// answer, and how fast commands start. The daemon and the server run in processes of their own.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '@puffo/base';
import {
  addAgents,
  addUnregisteredAgents,
  type BenchAgent,
  makeHome,
  moveAgents,
  waitUntilOnline,
} from './agent-homes.ts';
import { type BenchWorld, startBenchWorld } from './bench-world.ts';
import { type Child, sampleMemory, startChild, waitForRest } from './child.ts';
import type { Memory } from './daemon-child.ts';
import { heading, median, quantile, row } from './figures.ts';
import { measureLimit } from './measure-limit.ts';
import { measureStarts } from './start-times.ts';

const AGENTS = 100;
const FEW_AGENTS = 20;
const TICK_AGENTS = 1000;
const IDLE_WATCH_MS = 10_000;
const WARM_AGENTS = 5;
const WARM_ROUNDS = 20;
const KIB = 1024;

const folder = await mkdtemp(join(tmpdir(), 'puffo-bench-'));
try {
  await main(process.argv.slice(2));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** `chosen`: parts by name, none means all. */
async function main(chosen: readonly string[]): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} processors.`);
  const isChosen = (part: string) => chosen.length === 0 || chosen.includes(part);
  if (isChosen('commands')) await measureStarts(join(folder, 'commands'));
  if (isChosen('ticks')) await measureTicks();
  if (!isChosen('agents') && !isChosen('memory')) return;
  await using world = await startBenchWorld();
  const home = await makeHome(join(folder, 'many'));
  const many = await addAgents(home, { from: FEW_AGENTS, to: FEW_AGENTS + AGENTS, world });
  if (isChosen('agents')) await measureAgents(home, many, world);
  if (isChosen('memory')) await measureMemory(home, many, world);
}

async function measureTicks(): Promise<void> {
  const home = await makeHome(join(folder, 'ticks'));
  await addUnregisteredAgents(home, TICK_AGENTS);
  await using child = startChild();
  const { ticks } = await child.order({ kind: 'measure-ticks', home: home.folder, agents: TICK_AGENTS });
  if (ticks === undefined) throw new Error('nothing was measured');
  const { cpuMs, elapsedMs } = ticks;
  heading(`one look at ${TICK_AGENTS} agents of which none has changed, the median of ${cpuMs.length}`);
  row('processor time', { value: median(cpuMs), most: 20, unit: 'ms' });
  row('time', { value: median(elapsedMs), unit: 'ms' });
}

type Home = Awaited<ReturnType<typeof makeHome>>;

async function measureAgents(home: Home, agents: readonly BenchAgent[], world: BenchWorld): Promise<void> {
  await using child = startChild();
  heading(`${agents.length} agents in one daemon`);
  const startedAt = await start(child, home, agents);
  row('until all are online', { value: (Date.now() - startedAt) / 1000, most: 30, unit: 's' });
  await world.askAll(agents);
  await waitForRest(child);
  row('event loop delay p99, all idle', {
    value: await delayDuring(child, () => sleep(IDLE_WATCH_MS)),
    unit: 'ms',
  });
  const idle = await world.askInTurn(agents);
  const warmAgents = agents.slice(-WARM_AGENTS);
  const warm = await world.askInTurn(Array.from({ length: WARM_ROUNDS }, () => warmAgents).flat());
  const askedAt = performance.now();
  const busyDelay = await delayDuring(child, () => world.askAll(agents));
  const answeredMs = performance.now() - askedAt;
  await child.order({ kind: 'stop-daemon' });
  const limit = await measureLimit(world, folder);
  row('event loop delay p99, all answer', { value: busyDelay, unit: 'ms' });
  row('until all have answered one question each', { value: answeredMs / 1000, unit: 's' });
  heading('from the frame at the socket to the request at an unloaded provider, one question at a time');
  for (const [name, times] of [
    ['an agent that has just answered', warm],
    ['the first question after idleness', idle],
  ] as const) {
    const limitOf = (part: number) => `${quantile(limit, part).toFixed(2)} ms`;
    row(`${name}, p50`, { value: quantile(times, 0.5), unit: 'ms', limit: limitOf(0.5) });
    row(`${name}, p95`, { value: quantile(times, 0.95), most: 30, unit: 'ms', limit: limitOf(0.95) });
  }
}

/** Two daemons that differ in the number of agents only; each agent has answered once, and has nothing to do. */
async function measureMemory(many: Home, agents: readonly BenchAgent[], world: BenchWorld): Promise<void> {
  const home = await makeHome(join(folder, 'memory'));
  const few = await addAgents(home, { from: 0, to: FEW_AGENTS, world });
  const before = await memoryOf(home, few, world);
  await moveAgents(agents, many, home);
  const after = await memoryOf(home, [...few, ...agents], world);
  const perAgent = (kind: keyof Memory) => (after[kind] - before[kind]) / agents.length / KIB;
  heading(`an idle agent, from ${few.length} to ${few.length + agents.length} of them`);
  row('memory that V8 knows of', { value: perAgent('known'), most: 512, unit: 'KiB' });
  row('resident memory', { value: perAgent('resident'), most: 512, unit: 'KiB' });
  const mib = (bytes: number) => (bytes / KIB / KIB).toFixed(1);
  console.log(`  resident in all: ${mib(before.resident)} MiB, then ${mib(after.resident)} MiB`);
}

async function memoryOf(home: Home, agents: readonly BenchAgent[], world: BenchWorld): Promise<Memory> {
  await using child = startChild();
  await start(child, home, agents);
  await world.askAll(agents);
  await waitForRest(child);
  const memory = await sampleMemory(child);
  await child.order({ kind: 'stop-daemon' });
  return memory;
}

/** Resolves when all are online, with the moment of the start. */
async function start(child: Child, home: Home, agents: readonly BenchAgent[]): Promise<number> {
  const startedAt = Date.now();
  await child.order({ kind: 'start-daemon', home: home.folder });
  await waitUntilOnline(home, agents, startedAt);
  return startedAt;
}

async function delayDuring(child: Child, work: () => Promise<void>): Promise<number> {
  await child.order({ kind: 'watch-delay' });
  await work();
  const { delayP99Ms = NaN } = await child.order({ kind: 'read-delay' });
  return delayP99Ms;
}
