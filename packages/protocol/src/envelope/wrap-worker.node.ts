// A thread of the wrap pool: claims slices of each job that it is told of, until none is left.
import { parentPort } from 'node:worker_threads';
import { claimSlice, type WrapMemory, wrapSlice } from './wrap-memory.ts';

export interface WrapOrder {
  readonly order: number;
  readonly memory: WrapMemory;
}

export interface WrapReport {
  readonly order: number;
}

parentPort?.on('message', ({ order, memory }: WrapOrder) => {
  for (let slice = claimSlice(memory); slice !== undefined; slice = claimSlice(memory)) wrapSlice(memory, slice);
  parentPort?.postMessage({ order } satisfies WrapReport);
});
