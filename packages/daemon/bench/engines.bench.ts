// Agents that are programs: `npm run bench -- engines [program] ...`. What they cost while they are active and once they are idle,
// whether they wake with their session, and how long a message takes to the model. The programs are real, the model is not.
// spec: runtimes 5.2
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeProvider, waitFor } from '@puffo/testbed';
import {
  type AgentFolders,
  BENCH_PROGRAMS,
  type BenchProgram,
  type EngineAgent,
  findBenchProgram,
  openEngineAgent,
} from './engine-agents.ts';
import { heading, median, quantile, row } from './figures.ts';
import { listProgramProcesses } from './program-processes.ts';

const AGENTS = 20;
const WARM_ROUNDS = 3;
/** Longer than the first pass takes, so that all are active at its end; `runtime.idle_shutdown_minutes` is 10 by default. */
const IDLE_SHUTDOWN_MS = 90_000;
const REST_MS = 2 * IDLE_SHUTDOWN_MS;
const KIB = 1024;

const { PATH = '', PUFFO_ENGINE_CLIS = '' } = process.env;

const homes = await mkdtemp(join(tmpdir(), 'puffo-bench-'));
try {
  await main(process.argv.slice(2));
} finally {
  await rm(homes, { recursive: true, force: true, maxRetries: 5 });
}

/** `chosen`: programs by name, none means all. */
async function main(chosen: readonly string[]): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} processors.`);
  if (process.platform !== 'linux') throw new Error('Cannot count processes: only Linux shows them');
  const folders = { programs: PUFFO_ENGINE_CLIS, homes, path: PATH };
  for (const program of BENCH_PROGRAMS) {
    if (chosen.length > 0 && !chosen.includes(program.name)) continue;
    if (findBenchProgram(program, folders) === undefined) console.log(`\n${program.name} is not installed`);
    else await measureProgram(program, folders);
  }
}

interface Measured {
  readonly agents: EngineAgent[];
  readonly first: number[];
  readonly warm: number[];
  readonly woken: number[];
}

async function measureProgram(program: BenchProgram, folders: AgentFolders): Promise<void> {
  await using provider = await startFakeProvider();
  let arrivedAt: number | undefined;
  provider.respond(() => {
    arrivedAt ??= performance.now();
    return 'Noted.';
  });

  /** ms from the message to the request at the provider; resolves when the turn is over. */
  async function ask({ session }: EngineAgent, text: string, begunAt = performance.now()): Promise<number> {
    arrivedAt = undefined;
    for await (const event of session.runTurn({ turnId: crypto.randomUUID(), text }, new AbortController().signal)) {
      if (event.kind !== 'turn_end' || event.outcome.kind === 'ok') continue;
      throw new Error(`Cannot measure: a turn of ${program.name} ended with ${JSON.stringify(event.outcome)}`);
    }
    if (arrivedAt === undefined) throw new Error('Cannot measure: the provider was not asked');
    return arrivedAt - begunAt;
  }

  function remembers({ word }: EngineAgent): boolean {
    return JSON.stringify(provider.calls(program.api).at(-1)?.messages).includes(word);
  }

  const count = async () => (await listProgramProcesses(folders.homes)).length;
  const { agents, first, warm, woken }: Measured = { agents: [], first: [], warm: [], woken: [] };
  try {
    for (let at = 0; at < AGENTS; at++) {
      const begunAt = performance.now();
      const agent = await openEngineAgent(program, `agent-${at}`, {
        folders,
        provider,
        idleShutdownMs: IDLE_SHUTDOWN_MS,
      });
      agents.push(agent);
      first.push(await ask(agent, `Remember ${agent.word}.`, begunAt));
      for (let round = 0; round < WARM_ROUNDS; round++) warm.push(await ask(agent, 'And now?'));
    }
    const active = await listProgramProcesses(folders.homes);
    await waitFor(async () => (await count()) === 0, 'the end of all idle programs', { timeoutMs: REST_MS }).catch(
      () => undefined,
    );
    const idle = await count();
    let remembered = 0;
    for (const agent of agents) {
      woken.push(await ask(agent, 'What did I say?'));
      if (remembers(agent)) remembered++;
    }
    heading(`${AGENTS} agents on ${program.name}`);
    row('processes while all are active', { value: active.length, unit: '' });
    const kib = active.reduce((sum, each) => sum + each.kib, 0);
    row('memory of an active one', { value: kib / AGENTS / KIB, unit: 'MiB' });
    row('processes after the idle shutdown', { value: idle, most: 0, unit: '' });
    row('that woke without their session', { value: AGENTS - remembered, most: 0, unit: '' });
    heading('from the message to the request at the provider');
    printTimes('warm: the program runs', warm);
    printTimes('cold: it wakes with its session', woken);
    printTimes('the first message of a new agent', first);
  } finally {
    await Promise.all(agents.map(({ session }) => session[Symbol.asyncDispose]()));
  }
}

function printTimes(name: string, times: readonly number[]): void {
  row(`${name}, p50`, { value: median(times), unit: 'ms' });
  row(`${name}, p95`, { value: quantile(times, 0.95), unit: 'ms' });
}
