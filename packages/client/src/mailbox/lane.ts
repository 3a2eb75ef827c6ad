// The main lane: one message after the other from the backlog to the reader. What cannot be decided now leaves it.
// spec: wire-protocol 10.6
import { AppError, backoffDelay, nextTask } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';
import { createPause, unlessAborted, withinTime } from '../connection/pause.ts';
import type { Backlog } from './backlog.ts';
import type { Delivery } from './delivery.ts';
import { type Examined, examineDelivery, type ExamineDeps, openOnce, type Wanted } from './examine-delivery.ts';
import type { HandOver } from './hand-over.ts';
import type { Held } from './held.ts';
import type { Inbound } from './mailbox.ts';

/** Looked up together. */
const CHUNK = 32;
/** Decrypted between two turns of the event loop; about a millisecond. */
const OPENED_PER_TURN = 8;
/** For the certificates of a chunk; what takes longer is asked for one by one. */
const WARM_MS = 2000;
/**
 * Mostly the server cannot be asked for a moment only, and order is worth that. When it lasts, nobody waits in line any more
 * until somebody was answered.
 */
const IN_LINE_RETRY = { firstMs: 200, maxMs: 3000, minMs: 50 } as const;
const IN_LINE_TRIES = 7;
/** What waiting for an answer in vain counts. */
const LATE_TRIES = 3;
const STORE_RETRY = { firstMs: 500, maxMs: 30_000, minMs: 100 } as const;
const TRIES_WHILE_DRAINING = 3;

export interface Lane {
  wake(): void;
  /** Resolves when nothing can come any more, or at the end of the mailbox. */
  run(): Promise<void>;
}

export interface LaneDeps extends ExamineDeps {
  readonly backlog: Backlog;
  readonly held: Held;
  readonly handOver: HandOver<Inbound>;
  readonly signal: AbortSignal;
  /** Committed before: acknowledge without a word. */
  readonly onDoneBefore: (envelopeIds: readonly EnvelopeId[]) => void;
  /** Nothing more comes in. */
  readonly isDraining: () => boolean;
  /** How long to be idle before `onIdle`; `undefined`: until something comes. */
  readonly idleMs: () => number | undefined;
  readonly onIdle: () => void;
}

/** How often the lane may still ask again for the message that is at its head. */
interface Patience {
  triesLeft: number;
}

export function createLane(deps: LaneDeps): Lane {
  const { backlog, handOver, held, signal } = deps;
  const pause = createPause(deps);
  const patience: Patience = { triesLeft: IN_LINE_TRIES };
  return {
    wake: pause.wake,
    async run() {
      while (!signal.aborted) {
        const chunk = backlog.take(CHUNK);
        if (chunk.length > 0) {
          await work(chunk, { ...deps, patience });
        } else if (deps.isDraining() && held.size === 0) {
          handOver.end();
          return;
        } else if ((await pause.wait(deps.idleMs())) === 'elapsed') {
          deps.onIdle();
        }
      }
    },
  };
}

interface WorkDeps extends LaneDeps {
  readonly patience: Patience;
}

async function work(chunk: readonly Delivery[], deps: WorkDeps): Promise<void> {
  const { backlog, handOver, signal } = deps;
  const fresh = await withoutKnown(chunk, deps);
  await warmUp(fresh, deps);
  for (const [index, delivery] of fresh.entries()) {
    if (backlog.isBefore(delivery)) {
      // Meanwhile something was released that was held.
      backlog.add(fresh.slice(index));
      return;
    }
    // Judged as late as possible: a revocation may come while the reader is busy.
    await handOver.room();
    if (signal.aborted) return;
    try {
      await handle(delivery, deps);
    } catch (error) {
      // A defect of ours. It is neither lost nor in the way: not acknowledged, it comes again with the next start.
      const problem = error instanceof Error ? error.name : 'unknown';
      deps.context.log.error('message-failed', { envelopeId: delivery.envelopeId, problem });
    }
  }
}

async function handle(delivery: Delivery, deps: WorkDeps): Promise<void> {
  const { held, handOver } = deps;
  const wanted = openOnce(delivery, deps.device);
  if (wanted !== undefined && !delivery.isGivenUp && held.has(wanted)) {
    held.add(delivery, wanted, 'away');
    return;
  }
  const examined = await examineInLine(delivery, deps);
  if (examined.kind === 'inbound') handOver.put(examined.inbound);
  else held.add(delivery, examined.wanted, examined.why === 'unknown' ? 'unknown' : 'away');
}

/** With patience while nobody can be asked. */
async function examineInLine(delivery: Delivery, deps: WorkDeps): Promise<Examined> {
  const { patience, sleep, signal, context } = deps;
  for (;;) {
    const examined = await examineDelivery(delivery, deps);
    if (examined.kind === 'inbound' || examined.why === 'unknown') {
      patience.triesLeft = IN_LINE_TRIES;
      return examined;
    }
    if (patience.triesLeft <= 0 || deps.isDraining() || signal.aborted) return examined;
    const delayMs = backoffDelay(IN_LINE_RETRY, IN_LINE_TRIES - patience.triesLeft, context.random);
    patience.triesLeft -= examined.why === 'late' ? LATE_TRIES : 1;
    await unlessAborted(sleep(delayMs, signal), signal);
  }
}

/** What the caller has on record is not handed over again. Without its answer nothing goes on. */
async function withoutKnown(chunk: readonly Delivery[], deps: LaneDeps): Promise<readonly Delivery[]> {
  const { store, sleep, signal, context } = deps;
  for (let failures = 0; !signal.aborted;) {
    try {
      const known = await store.findKnown(chunk.map(({ envelopeId }) => envelopeId));
      const done = chunk.filter(({ envelopeId }) => known.has(envelopeId));
      if (done.length > 0) deps.onDoneBefore(done.map(({ envelopeId }) => envelopeId));
      return chunk.filter(({ envelopeId }) => !known.has(envelopeId));
    } catch (error) {
      failures++;
      context.log.warn('mailbox-store-failed', {
        code: error instanceof AppError ? error.code : 'unexpected',
        failures,
      });
      if (deps.isDraining() && failures >= TRIES_WHILE_DRAINING) throw error;
      await unlessAborted(sleep(backoffDelay(STORE_RETRY, failures - 1, context.random), signal), signal);
    }
  }
  return [];
}

/** Lets the directory ask for all of them at once. How it ends shows when each is looked at. */
async function warmUp(deliveries: readonly Delivery[], deps: LaneDeps): Promise<void> {
  const wanted = new Map<string, Wanted>();
  for (const [index, delivery] of deliveries.entries()) {
    if (index % OPENED_PER_TURN === OPENED_PER_TURN - 1) await nextTask();
    const next = openSafely(delivery, deps);
    if (next !== undefined && !deps.held.has(next)) wanted.set(`${next.slug}/${next.subkeyId}`, next);
  }
  // One alone is looked up when it is looked at.
  if (wanted.size < 2) return;
  const lookups = [...wanted.values()].map(({ slug, subkeyId }) => deps.directory.findSubkey(slug, subkeyId));
  await withinTime(Promise.allSettled(lookups), { delayMs: WARM_MS, sleep: deps.sleep });
}

function openSafely(delivery: Delivery, { device }: LaneDeps): Wanted | undefined {
  try {
    return openOnce(delivery, device);
  } catch {
    // It fails once more when its turn comes, and is dealt with there.
    return undefined;
  }
}
