// A process that is measured, as the benchmark sees it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sleep } from '@puffo/base';
import type { Memory, Order, Report } from './daemon-child.ts';

const CHILD = fileURLToPath(new URL('daemon-child.js', import.meta.url));
/** Longer than databases stay open, twice. */
const MAX_REST_MS = 45_000;
const SAMPLES = 7;
/** For profiles and traces. */
const EXTRA_ARGUMENTS = process.env['BENCH_CHILD_ARGUMENTS']?.split(' ') ?? [];

export interface Child extends AsyncDisposable {
  order(message: Order): Promise<Report>;
}

export function startChild(): Child {
  const child: ChildProcess = fork(CHILD, [], {
    execArgv: ['--expose-gc', ...EXTRA_ARGUMENTS],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  return {
    async order(message) {
      child.send(message);
      const answer = await Promise.race([
        once(child, 'message').then(([report]: Report[]) => report),
        exited.then(() => undefined),
      ]);
      if (answer === undefined) throw new Error(`the child ended during '${message.kind}'`);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** Until nothing has been asked of the databases for a while. */
export async function waitForRest(child: Child): Promise<void> {
  await sleep(1000);
  for (let waitedMs = 0; waitedMs < MAX_REST_MS; waitedMs += 1000) {
    const { count } = await child.order({ kind: 'open-databases' });
    if (count === 0) return;
    await sleep(1000);
  }
}

/** The least of several samples: what else was just needed is not what an agent needs. */
export async function sampleMemory(child: Child): Promise<Memory> {
  const samples: Memory[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const { memory } = await child.order({ kind: 'memory' });
    if (memory !== undefined) samples.push(memory);
    await sleep(500);
  }
  return {
    known: Math.min(...samples.map(({ known }) => known)),
    resident: Math.min(...samples.map(({ resident }) => resident)),
  };
}
