// The parts of a mailbox, each knowing of the others no more than what it has to tell them.
import { backoffDelay } from '@puffo/base';
import type { EnvelopeId, ReadingDevice, Slug } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { Connection } from '../connection/connection.ts';
import type { Sleep } from '../connection/pause.ts';
import type { ClientContext } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import type { HttpClient } from '../http/http-client.ts';
import { type Acks, createAcks } from './acks.ts';
import { createBacklog } from './backlog.ts';
import { type CaughtUpWaiters, createCaughtUpWaiters } from './caught-up.ts';
import type { Delivery } from './delivery.ts';
import { createHandOver, type HandOver } from './hand-over.ts';
import { createHeld, type Held } from './held.ts';
import { createIntake, type Intake, INTAKE_LIMITS, type IntakeLimits } from './intake.ts';
import { createLane, type Lane } from './lane.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { Inbound, MailboxStore } from './mailbox.ts';
import { createPendingFetch, type PendingFetch } from './pending-fetch.ts';

/** Servers send no more than this unacknowledged: when so many are held, the rest has to be asked for. */
const WINDOW_MESSAGES = 10;
/** While the window is full, and while something had to be left out. */
const POLL = { firstMs: 30_000, maxMs: 300_000, minMs: 15_000 } as const;
const REFILL = { firstMs: 2000, maxMs: 60_000, minMs: 1000 } as const;

export interface PartsOptions {
  readonly http: HttpClient;
  readonly connection?: Connection | undefined;
  readonly directory: Pick<Directory, 'findSubkey' | 'findPin' | 'pinOnFirstUse'>;
  readonly keys: ReadingDevice;
  readonly slug: Slug;
  readonly store: MailboxStore;
  readonly context: ClientContext;
  readonly limits?: IntakeLimits | undefined;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}

export interface Parts {
  readonly ledger: Ledger;
  readonly handOver: HandOver<Inbound>;
  readonly waiters: CaughtUpWaiters;
  readonly acks: Acks;
  readonly intake: Intake;
  readonly fetch: PendingFetch;
  readonly held: Held;
  readonly lane: Lane;
  acknowledge(envelopeIds: readonly EnvelopeId[]): void;
  /** Nothing more comes in: what is there is handed over, and then it ends. */
  drain(): void;
  isDraining(): boolean;
  /** The reader is told, and whoever waits. */
  fail(error: unknown): void;
}

export function createParts(options: PartsOptions): Parts {
  const { http, connection, context, limits = INTAKE_LIMITS, sleep, signal } = options;
  const state = {
    ledger: createLedger(),
    backlog: createBacklog(),
    handOver: createHandOver<Inbound>(WINDOW_MESSAGES),
  };
  const { ledger, backlog, handOver } = state;
  const waiters = createCaughtUpWaiters();
  const acks = createAcks({ http, connection, context, sleep, signal, onSent: waiters.noteSent });
  let isDrainingNow = false;
  let polls = 0;

  function isDraining(): boolean {
    return isDrainingNow;
  }

  function enqueue(deliveries: readonly Delivery[]): void {
    polls = 0;
    backlog.add(deliveries);
    lane.wake();
  }

  function acknowledge(envelopeIds: readonly EnvelopeId[]): void {
    for (const envelopeId of envelopeIds) ledger.acknowledge(envelopeId);
    acks.add(envelopeIds);
    if (intake.isIncomplete) lane.wake();
  }

  function leave(deliveries: readonly Delivery[]): void {
    for (const { envelopeId } of deliveries) ledger.forget(envelopeId);
    context.log.warn('mailbox-left-pending', { count: deliveries.length });
    waiters.fail(leftPending(deliveries.length));
    lane.wake();
  }

  /** How long nothing may come before the list is asked for, because nothing can come by itself. */
  function idleMs(): number | undefined {
    if (connection === undefined || isDrainingNow) return undefined;
    const inFlight = ledger.inFlight.size;
    if (intake.isIncomplete && inFlight < limits.live / 2) return backoffDelay(REFILL, polls, context.random);
    return inFlight >= WINDOW_MESSAGES ? backoffDelay(POLL, polls, context.random) : undefined;
  }

  function ask(): void {
    if (handOver.size > 0 || connection?.state !== 'open') return;
    polls++;
    void fetch.request();
  }

  const intake = createIntake({ ledger, context, limits, onDoneBefore: acks.add, onNew: enqueue });
  const { startList: onStart, stopWaiting: onStuck, endList: onEnd } = intake;
  const fetch = createPendingFetch({ http, context, sleep, signal, onStart, onStuck, onEnd });
  const held = createHeld({ ...options, isDraining, onReleased: enqueue, onLeft: leave });
  const lane = createLane({
    ...options,
    ...state,
    held,
    device: options.keys,
    onDoneBefore: acknowledge,
    isDraining,
    idleMs,
    onIdle: ask,
  });

  return {
    ...state,
    waiters,
    acks,
    intake,
    fetch,
    held,
    lane,
    acknowledge,
    isDraining,
    drain() {
      isDrainingNow = true;
      fetch.stop();
      acks.wake();
      held.review();
      lane.wake();
    },
    fail(error) {
      const failure = error instanceof Error ? error : new Error('Cannot read the mailbox: it failed');
      waiters.end(failure);
      handOver.fail(failure);
    },
  };
}

function leftPending(count: number): ClientError {
  const message = `Cannot catch up: ${count} messages cannot be verified while the server does not answer; they stay pending`;
  return new ClientError(message, { code: 'unreachable', retryable: true });
}
