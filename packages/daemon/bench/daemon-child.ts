// A process of its own for what is measured: a daemon as `puffo-agent start` runs it, a supervisor alone, or the limit. Tells what
// it uses. Started by the benchmark.
import { readdir, readlink } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '@puffo/base';
import { createHome } from '@puffo/daemon/home';
import { startBareAgent } from './bare-agent.ts';
import type { TickRun } from './measure-ticks.ts';

/** From the benchmark to the child. */
export type Order =
  | { readonly kind: 'start-daemon'; readonly home: string }
  | { readonly kind: 'stop-daemon' }
  | { readonly kind: 'start-bare'; readonly port: number; readonly providerUrl: string; readonly folder: string }
  | { readonly kind: 'memory' }
  | { readonly kind: 'open-databases' }
  | { readonly kind: 'watch-delay' }
  | { readonly kind: 'read-delay' }
  | { readonly kind: 'measure-ticks'; readonly home: string; readonly agents: number };

export interface Memory {
  /** Bytes: what V8 knows of. */
  readonly known: number;
  readonly resident: number;
}

export interface Report {
  readonly memory?: Memory;
  readonly count?: number;
  readonly delayP99Ms?: number;
  readonly ticks?: TickRun;
}

const delay = monitorEventLoopDelay({ resolution: 2 });
const stopping = new AbortController();
let running: Promise<number> | undefined;

// Whoever started it has gone, or needs it no more.
process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  void obey(order).then((report) => process.send?.(report));
});

async function obey(order: Order): Promise<Report> {
  switch (order.kind) {
    case 'start-daemon':
      running = startDaemon(order.home);
      return {};
    case 'stop-daemon':
      stopping.abort();
      await running;
      return {};
    case 'start-bare':
      await startBareAgent(order);
      return {};
    case 'memory':
      return { memory: measureMemory() };
    case 'open-databases':
      return { count: await countOpenDatabases() };
    case 'watch-delay':
      delay.reset();
      delay.enable();
      return {};
    case 'read-delay':
      delay.disable();
      return { delayP99Ms: delay.percentile(99) / 1e6 };
    case 'measure-ticks': {
      const { measureTicks } = await import('./measure-ticks.ts');
      return { ticks: await measureTicks({ folder: order.home, agents: order.agents }) };
    }
  }
}

/** Loading it is part of its start, and of no other child. */
async function startDaemon(home: string): Promise<number> {
  const { runDaemon } = await import('@puffo/daemon/run');
  return runDaemon({
    context: {
      home: createHome(home),
      environment: {},
      homeFolder: home,
      platform: process.platform,
      now: systemClock,
      readArguments: () => Promise.resolve(undefined),
      warn: () => undefined,
      signal: stopping.signal,
    },
    stderr: { write: () => undefined },
    version: 'bench',
  });
}

function measureMemory(): Memory {
  globalThis.gc?.();
  globalThis.gc?.();
  // Not `external`: open databases claim more of it than they have.
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { known: heapUsed + arrayBuffers, resident: rss };
}

/** 0 where the system does not tell. */
async function countOpenDatabases(): Promise<number> {
  globalThis.gc?.();
  const descriptors = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(descriptors.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => '')));
  return targets.filter((target) => /\.db(-wal|-shm)?$/.test(target)).length;
}
