// Where deliveries come in, from the list of what is pending and live: each once, none between the two lost, in the order of
// the server. Live ones that come while a list is on its way wait for it. spec: wire-protocol 10.1, 10.4, 10.6
import type { Delivery as Arrival, EnvelopeId } from '@puffo/protocol';
import type { ClientContext } from '../context.ts';
import { type Delivery, readDelivery } from './delivery.ts';
import type { Ledger } from './ledger.ts';

/** At most in flight when another live one comes, and when another pending one does: the rest stays with the server. */
export interface IntakeLimits {
  readonly live: number;
  readonly pending: number;
}

export const INTAKE_LIMITS: IntakeLimits = { live: 1000, pending: 20_000 };

export interface Intake {
  /** Something was left out: a list has to be asked for when there is room. Until then live ones would come out of turn. */
  readonly isIncomplete: boolean;
  takeLive(arrival: Arrival): void;
  /** A list is on its way. */
  startList(): void;
  /** It takes long: live ones go on without it. */
  stopWaiting(): void;
  endList(arrivals: readonly Arrival[]): void;
  /** What waits will be in the list of the next connection, which is the first thing there. */
  disconnect(): void;
}

export interface IntakeDeps {
  readonly ledger: Ledger;
  readonly context: ClientContext;
  readonly limits?: IntakeLimits | undefined;
  readonly onNew: (deliveries: readonly Delivery[]) => void;
  /** The server does not know yet that these are done. */
  readonly onDoneBefore: (envelopeIds: readonly EnvelopeId[]) => void;
}

export function createIntake({ ledger, context, limits = INTAKE_LIMITS, ...deps }: IntakeDeps): Intake {
  /** Live ones that wait for the list. */
  let waiting: Arrival[] | undefined;
  let isIncomplete = false;
  /** The list may be older than what did not fit beside it. */
  let hasOverflowed = false;

  function leaveOut(): void {
    if (!isIncomplete) context.log.warn('mailbox-full', { inFlight: ledger.inFlight.size });
    isIncomplete = true;
  }

  function admit(arrivals: readonly Arrival[], maxInFlight: number): void {
    const fresh: Delivery[] = [];
    const done: EnvelopeId[] = [];
    for (const arrival of arrivals) {
      const delivery = readDelivery(arrival);
      if (delivery === undefined) {
        context.log.warn('envelope-without-id', { seq: arrival.seq });
        continue;
      }
      const { envelopeId } = delivery;
      const state = ledger.inFlight.size < maxInFlight ? ledger.admit(envelopeId) : ledger.stateOf(envelopeId);
      if (state === 'admitted') fresh.push(delivery);
      else if (state === 'acknowledged') done.push(envelopeId);
      else if (state === 'new') leaveOut();
    }
    if (done.length > 0) deps.onDoneBefore(done);
    if (fresh.length > 0) deps.onNew(fresh);
  }

  function admitLive(arrivals: readonly Arrival[]): void {
    admit(arrivals, isIncomplete ? 0 : limits.live);
  }

  return {
    get isIncomplete() {
      return isIncomplete;
    },
    takeLive(arrival) {
      if (waiting === undefined) admitLive([arrival]);
      else if (waiting.length < limits.live) waiting.push(arrival);
      else hasOverflowed = true;
    },
    startList() {
      waiting ??= [];
    },
    stopWaiting() {
      const released = waiting ?? [];
      waiting = undefined;
      admitLive(released);
      if (hasOverflowed) leaveOut();
      hasOverflowed = false;
    },
    endList(arrivals) {
      const released = waiting ?? [];
      waiting = undefined;
      isIncomplete = false;
      admit([...arrivals].sort(compareSeq), limits.pending);
      admitLive(released);
      if (hasOverflowed) leaveOut();
      hasOverflowed = false;
    },
    disconnect() {
      waiting = [];
      hasOverflowed = false;
    },
  };
}

function compareSeq(left: Arrival, right: Arrival): number {
  const [a, b] = [left.seq ?? Infinity, right.seq ?? Infinity];
  return a === b ? 0 : a < b ? -1 : 1;
}
