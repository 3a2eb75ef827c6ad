// spec: daemon-and-cli 2.10, 3.12
import type { Logger } from '@puffo/base';
import type { Worker } from '../worker/worker.ts';
import { within, type WithinOptions } from './within.ts';

/** Beyond the time that a turn is given. */
const MAX_CLOSE_MS = 20_000;

export interface WorkerStop extends Pick<WithinOptions, 'onHurry'> {
  readonly graceMs: number;
  readonly logger: Logger;
}

/** Never rejects, and never hangs: whoever asked has to go on. */
export async function stopWorker(worker: Worker, { graceMs, logger, onHurry }: WorkerStop): Promise<void> {
  const limits = { maxMs: graceMs + MAX_CLOSE_MS, ...(onHurry === undefined ? {} : { onHurry }) };
  const isStopped = await within(worker.stop({ graceMs }), limits);
  if (!isStopped) logger.error('worker-stop-failed');
  await closeWorker(worker, logger);
}

export async function closeWorker(worker: Worker, logger: Logger): Promise<void> {
  const isClosed = await within(worker[Symbol.asyncDispose](), { maxMs: MAX_CLOSE_MS });
  if (!isClosed) logger.error('worker-close-failed');
}
