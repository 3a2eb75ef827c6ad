import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { WRAP_BYTES } from './wrap-content-key.ts';
import { wrapInline } from './wrap-inline.ts';
import {
  claimSlice,
  createWrapMemory,
  finishSlice,
  SLICE_RECIPIENTS,
  sliceRange,
  takeOutput,
  unfinishedSlices,
  type WrapMemory,
} from './wrap-memory.ts';
import type { WrapJob, WrapPool, WrapPoolOptions } from './wrap-pool.ts';
import type { WrapOrder, WrapReport } from './wrap-worker.node.ts';

/** Below this many recipients, telling a thread costs more than it saves (measured by `npm run bench -- protocol`). */
const THREAD_THRESHOLD = 32;
const MAX_THREADS = 3;

/** A thread that is gone settles all its waits; the caller then does the rest itself. */
interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, () => void>;
  isGone: boolean;
}

export function createWrapPool(options: WrapPoolOptions = {}): WrapPool {
  const threadCount = options.threads ?? Math.min(MAX_THREADS, availableParallelism() - 1);
  const threads: Thread[] = [];
  let lastOrder = 0;

  function runningThreads(): readonly Thread[] {
    for (let index = 0; index < threadCount; index++) {
      if (threads[index]?.isGone ?? true) threads[index] = startThread();
    }
    return threads;
  }

  return {
    async wrap(job) {
      if (job.recipients.length < THREAD_THRESHOLD || threadCount < 1) return wrapAlone(job);
      const order = ++lastOrder;
      const memory = createWrapMemory(job);
      const reports = runningThreads().map((thread) => report(thread, { order, memory }));
      await shareWork(job, memory);
      if (unfinishedSlices(memory).length > 0) await Promise.all(reports);
      for (const slice of unfinishedSlices(memory)) wrapOwnSlice(job, { memory, slice });
      return takeOutput(memory);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.splice(0).map(({ worker }) => worker.terminate()));
    },
  };
}

async function wrapAlone(job: WrapJob): Promise<Uint8Array> {
  const count = job.recipients.length;
  const output = new Uint8Array(count * WRAP_BYTES);
  for (let from = 0; from < count; from += SLICE_RECIPIENTS) {
    if (from > 0) await nextTurn();
    wrapInline(job, { from, to: Math.min(count, from + SLICE_RECIPIENTS), output });
  }
  return output;
}

/** The caller's own part, with a turn of the event loop between slices. */
async function shareWork(job: WrapJob, memory: WrapMemory): Promise<void> {
  for (let slice = claimSlice(memory); slice !== undefined; slice = claimSlice(memory)) {
    wrapOwnSlice(job, { memory, slice });
    await nextTurn();
  }
}

/** The caller holds the recipients' keys ready to use, so it does not import them from the memory. */
function wrapOwnSlice(job: WrapJob, { memory, slice }: { memory: WrapMemory; slice: number }): void {
  wrapInline(job, { ...sliceRange(memory, slice), output: memory.output });
  finishSlice(memory, slice);
}

function startThread(): Thread {
  // Threads run the built file also where the rest is loaded from sources.
  const worker = new Worker(createRequire(import.meta.url).resolve('#wrap-worker'));
  const thread: Thread = { worker, waiting: new Map(), isGone: false };
  worker.unref();
  worker.on('message', ({ order }: WrapReport) => settle(thread, order));
  worker.on('error', () => abandon(thread));
  worker.on('exit', () => abandon(thread));
  return thread;
}

/** Hands the job to the thread. Resolves when the thread found nothing more to claim, or is gone. */
function report(thread: Thread, order: WrapOrder): Promise<void> {
  return new Promise((resolve) => {
    thread.waiting.set(order.order, resolve);
    // A thread with work keeps the process alive: somebody waits for the result.
    thread.worker.ref();
    thread.worker.postMessage(order);
  });
}

function settle(thread: Thread, order: number): void {
  thread.waiting.get(order)?.();
  thread.waiting.delete(order);
  if (thread.waiting.size === 0) thread.worker.unref();
}

function abandon(thread: Thread): void {
  thread.isGone = true;
  for (const resolve of thread.waiting.values()) resolve();
  thread.waiting.clear();
}
