// Records what is to be sent, and delivers it: in order within a conversation, conversations side by side. Nothing that was
// recorded is forgotten before the server has it or has refused it. spec: wire-protocol 6.5, 9.22
import { type Backoff, createDeferred, createKeyedMutex, createSlots } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';
import { createRow } from './create-row.ts';
import type { DeliveryParts } from './deliver-row.ts';
import { closedError, createJob, type Job, outcomeOf } from './job.ts';
import type { Outbox, QueuedMessage, SentMessage } from './outbox.ts';
import type { OutboxRow, OutboxStore } from './outbox-store.ts';
import { createPauses } from './pauses.ts';
import { routeKey } from './route-key.ts';
import { type JobParts, runJob } from './run-job.ts';

export interface OutboxOptions extends Omit<DeliveryParts, 'signal'> {
  readonly store: OutboxStore;
  /** Between attempts. */
  readonly backoff?: Backoff;
  /** Conversations that are served at the same time. */
  readonly parallel?: number;
}

const BACKOFF: Backoff = { firstMs: 1000, maxMs: 60_000, minMs: 250 };
const PARALLEL = 8;

export function createOutbox(options: OutboxOptions): Outbox {
  const { store, context } = options;
  const recording = createKeyedMutex<string>();
  const lanes = createKeyedMutex<string>();
  const jobs = new Map<EnvelopeId, Job>();
  const running = new Set<Promise<void>>();
  const listeners = new Set<(row: OutboxRow) => void>();
  const pauses = createPauses();
  const closing = new AbortController();
  const parts: JobParts = {
    delivery: { ...options, signal: closing.signal },
    store,
    backoff: options.backoff ?? BACKOFF,
    slots: createSlots(options.parallel ?? PARALLEL),
    pauses,
    announce,
  };

  function announce(row: OutboxRow): void {
    for (const listener of listeners) {
      try {
        listener(row);
      } catch {
        // A listener that fails is the business of whoever listens; delivery goes on.
        context.log.error('outbox-listener-failed', { envelopeId: row.envelopeId });
      }
    }
  }

  function startJob(row: OutboxRow, { isNew }: { readonly isNew: boolean }): Job {
    const known = jobs.get(row.envelopeId);
    if (known !== undefined) return known;
    const job = createJob(row, { isNew });
    jobs.set(row.envelopeId, job);
    const work = lanes
      .run(routeKey(row.route), () => runJob(job, parts))
      .finally(() => {
        jobs.delete(row.envelopeId);
        running.delete(work);
      });
    running.add(work);
    return job;
  }

  async function record(row: OutboxRow): Promise<QueuedMessage> {
    const held = await store.add(row);
    const { envelopeId } = held;
    const isNew = envelopeId === row.envelopeId;
    if (isNew) announce(held);
    if (held.state === 'queued') return { envelopeId, sent: startJob(held, { isNew }).sent.promise };
    const sent = createDeferred<SentMessage>();
    sent.follow(outcomeOf(held));
    return { envelopeId, sent: sent.promise };
  }

  return {
    async send(message) {
      closing.signal.throwIfAborted();
      const row = createRow(message, context);
      return recording.run(routeKey(row.route), () => record(row));
    },
    async resume() {
      closing.signal.throwIfAborted();
      const rows = await store.listQueued();
      if (rows.length > 0) context.log.info('outbox-resumed', { count: rows.length });
      for (const row of rows) startJob(row, { isNew: false });
    },
    flush: () => pauses.wake(),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(closedError());
      pauses.end();
      await Promise.allSettled(running);
    },
  };
}
