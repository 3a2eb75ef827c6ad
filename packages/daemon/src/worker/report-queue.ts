// Reports on their way to the server: one at a time, in order, never more than fit, and nobody waits for them.
// spec: wire-protocol 11.4
import type { Logger } from '@puffo/base';
import type { Sleep } from './wakeable-pause.ts';

export interface Report {
  /** The first to go when there are too many. */
  readonly isExpendable: boolean;
  /** Never rejects. */
  readonly send: (signal: AbortSignal) => Promise<void>;
}

export interface ReportQueue extends AsyncDisposable {
  /** Returns at once. The oldest one gives way to it when the queue is full. One that waits already is not added again. */
  add(report: Report): void;
}

export interface ReportQueueOptions {
  readonly capacity: number;
  /** For what is left when it is closed; then it is called off. */
  readonly closeMs: number;
  readonly logger: Logger;
  readonly sleep: Sleep;
}

export function createReportQueue({ capacity, closeMs, logger, sleep }: ReportQueueOptions): ReportQueue {
  const waiting: Report[] = [];
  const closing = new AbortController();
  let isClosed = false;
  let dropped = 0;
  let running: Promise<void> | undefined;

  function makeRoom(): void {
    if (waiting.length < capacity) return;
    const at = waiting.findIndex(({ isExpendable }) => isExpendable);
    waiting.splice(Math.max(at, 0), 1);
    dropped++;
  }

  async function sendAll(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (closing.signal.aborted) dropped++;
      else await next.send(closing.signal);
    }
    if (dropped > 0) logger.warn('status-reports-dropped', { count: dropped });
    dropped = 0;
    running = undefined;
  }

  return {
    add(report) {
      if (isClosed || waiting.includes(report)) return;
      makeRoom();
      waiting.push(report);
      running ??= sendAll();
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      const timer = new AbortController();
      const late = sleep(closeMs, timer.signal).then(
        () => closing.abort(new Error('Closed')),
        () => undefined,
      );
      await running;
      timer.abort(new Error('Done'));
      await late;
    },
  };
}
