// Attempt after attempt, until the server has the message, has refused it, or the outbox is closed. spec: wire-protocol 9.22
import { type Backoff, backoffDelay, type Slots } from '@puffo/base';
import { ClientError } from '../client-error.ts';
import { type DeliveryParts, deliverRow } from './deliver-row.ts';
import { closedError, type Job, outcomeOf, removedError } from './job.ts';
import { failureCodeOf, judgeFailure } from './judge-failure.ts';
import type { OutboxRow, OutboxStore } from './outbox-store.ts';
import type { PauseOptions, Pauses } from './pauses.ts';

export interface JobParts {
  /** Its signal is that of the end. */
  readonly delivery: DeliveryParts;
  readonly store: OutboxStore;
  readonly backoff: Backoff;
  readonly slots: Slots;
  readonly pauses: Pauses;
  readonly announce: (row: OutboxRow) => void;
}

type RowChange = Partial<Omit<OutboxRow, 'envelopeId'>>;

/** A record that cannot be written so often in a row is left to the next run, so that it does not hold up the others. */
const STORE_ATTEMPTS = 20;

/** Never fails: `job.sent` says what became of it. A place among those who are served is taken for the attempts only. */
export async function runJob(job: Job, parts: JobParts): Promise<void> {
  const { slots, pauses, delivery } = parts;
  for (let tries = 0; !delivery.signal.aborted; tries++) {
    try {
      await slots.run(() => attempt(job, parts));
      return;
    } catch (error) {
      if (delivery.signal.aborted) break;
      const pause = await settleFailure(job, { parts, error, tries });
      if (pause === undefined) return;
      await pauses.wait(pause);
    }
  }
  job.sent.reject(closedError());
}

async function attempt(job: Job, parts: JobParts): Promise<void> {
  const { delivery, store } = parts;
  delivery.signal.throwIfAborted();
  await bringUpToDate(job, store);
  if (job.row.state !== 'queued') {
    job.sent.follow(outcomeOf(job.row));
    return;
  }
  const delivered = {
    get row() {
      return job.row;
    },
    save: (change: RowChange) => save(job, change, parts),
    noteAccepted: (seq: number | undefined) => noteAccepted(job, seq),
  };
  await deliverRow(delivered, delivery);
  await saveSent(job, parts);
}

/** A row that was read while it was still being delivered may be out of date when its turn comes. */
async function bringUpToDate(job: Job, store: OutboxStore): Promise<void> {
  if (job.isCurrent) return;
  const found = await store.find(job.row.envelopeId);
  if (found === undefined) throw removedError();
  job.row = found;
  job.isCurrent = true;
}

function noteAccepted(job: Job, seq: number | undefined): void {
  job.isAccepted = true;
  job.row = { ...job.row, seq: seq ?? null };
  job.sent.resolve({ envelopeId: job.row.envelopeId, seq });
}

async function save(job: Job, change: RowChange, { store, announce }: JobParts): Promise<void> {
  await store.update(job.row.envelopeId, change);
  job.row = { ...job.row, ...change };
  announce(job.row);
}

/** The content key served its purpose. */
function saveSent(job: Job, parts: JobParts): Promise<void> {
  const { seq, attempts } = job.row;
  return save(job, { state: 'sent', seq, sealed: null, attempts: attempts + 1 }, parts);
}

interface FailedAttempt {
  readonly parts: JobParts;
  readonly error: unknown;
  /** Of this run, before it. */
  readonly tries: number;
}

/** How long to wait before the next attempt, or that there is none. */
async function settleFailure(job: Job, failed: FailedAttempt): Promise<PauseOptions | undefined> {
  try {
    return await handleFailure(job, failed);
  } catch (cause) {
    const message = 'Cannot record what became of a message';
    const error = new ClientError(message, { code: 'store-failed', retryable: true, cause });
    return handleFailure(job, { ...failed, error });
  }
}

async function handleFailure(job: Job, { parts, error, tries }: FailedAttempt): Promise<PauseOptions | undefined> {
  const judgement = judgeFailure(error, tries);
  if (judgement.kind === 'failed') {
    await endJob(job, { parts, error: judgement.error });
    return undefined;
  }
  const { backoff, delivery } = parts;
  const { envelopeId } = job.row;
  if (judgement.error.code === 'store-failed' && tries >= STORE_ATTEMPTS) {
    delivery.context.log.error('message-left-queued', { envelopeId, code: judgement.error.code });
    job.sent.reject(judgement.error);
    return undefined;
  }
  await countAttempt(job, { parts, error: judgement.error });
  const { retryAfterMs } = judgement;
  const delayMs = backoffDelay(backoff, tries, delivery.context.random);
  return { delayMs: Math.max(delayMs, retryAfterMs ?? 0), isFirm: retryAfterMs !== undefined };
}

async function countAttempt(job: Job, { parts, error }: { parts: JobParts; error: ClientError }): Promise<void> {
  const { store, announce, delivery } = parts;
  const { envelopeId } = job.row;
  const attempts = job.row.attempts + 1;
  delivery.context.log.info('message-delayed', { envelopeId, code: failureCodeOf(error), attempts });
  // A count that is lost costs nothing.
  await store.update(envelopeId, { attempts }).catch(() => undefined);
  job.row = { ...job.row, attempts };
  announce(job.row);
}

async function endJob(job: Job, { parts, error }: { parts: JobParts; error: ClientError }): Promise<void> {
  const { envelopeId, attempts } = job.row;
  const failure = failureCodeOf(error);
  const { log } = parts.delivery.context;
  if (job.isAccepted) {
    log.warn('devices-not-served', { envelopeId, code: failure });
    await saveSent(job, parts);
    return;
  }
  log.warn('message-failed', { envelopeId, code: failure });
  await save(job, { state: 'failed', failure, sealed: null, attempts: attempts + 1 }, parts);
  job.sent.reject(error);
}
