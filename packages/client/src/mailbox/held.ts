// Messages that cannot be judged yet, by the subkey they wait for. They are asked for again off the main lane, so that
// nobody else waits, and go back to the backlog together and in order. spec: wire-protocol 6.7 step 12
import { backoffDelay, createSlots } from '@puffo/base';
import type { Slug } from '@puffo/protocol';
import { createPause, type Sleep, unlessAborted, withinTime } from '../connection/pause.ts';
import type { ClientContext } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import type { Delivery } from './delivery.ts';
import type { Wanted } from './examine-delivery.ts';

/** While nobody can be asked. */
const AWAY = { firstMs: 2000, maxMs: 60_000, minMs: 1000 } as const;
/**
 * A certificate may be registered a moment after the message that it signs. Longer than the directory remembers that
 * somebody is not known.
 */
const UNKNOWN_MS = [6000, 12_000];
/** Asked at the same time. */
const PROBES = 8;
const FAILURES_WHILE_DRAINING = 3;
/** After which those that have an answer do not wait for the others. */
const ROUND_MS = 5000;

export interface Held {
  readonly size: number;
  /** Whether something waits for this subkey already: then what follows waits with it. */
  has(wanted: Wanted): boolean;
  add(delivery: Delivery, wanted: Wanted, why: 'unknown' | 'away'): void;
  /** The server can be reached again. */
  retryAway(): void;
  /** There is a new certificate of this identity. */
  retryOf(slug: Slug): void;
  /** Draining has begun. */
  review(): void;
  /** Resolves at the end of the mailbox. */
  run(): Promise<void>;
}

export interface HeldDeps {
  readonly directory: Pick<Directory, 'findSubkey'>;
  readonly context: ClientContext;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  /** To be looked at again. */
  readonly onReleased: (deliveries: readonly Delivery[]) => void;
  /** Nothing more comes in: then nobody is asked for ever. */
  readonly isDraining: () => boolean;
  /** Left for another time, not acknowledged. */
  readonly onLeft: (deliveries: readonly Delivery[]) => void;
}

interface Group extends Wanted {
  readonly deliveries: Delivery[];
  why: 'unknown' | 'away';
  /** Failures to ask, in a row. */
  failures: number;
  /** Times that nobody knew it, each after a pause of its own. */
  misses: number;
  /** ms */
  dueAt: number;
  /** An extra look does not count as a miss. */
  isEarly: boolean;
  isAsked: boolean;
  isAnswered: boolean;
}

export function createHeld(deps: HeldDeps): Held {
  const { context, sleep, signal } = deps;
  const pause = createPause(deps);
  const groups = new Map<string, Group>();
  const slots = createSlots(PROBES);

  async function probe(group: Group): Promise<void> {
    const wasEarly = group.isEarly;
    group.isAsked = true;
    group.isEarly = false;
    try {
      const signer = await slots.run(() => deps.directory.findSubkey(group.slug, group.subkeyId));
      if (signer === undefined) noteMiss(group, wasEarly);
      else group.isAnswered = true;
    } catch {
      // Whatever it was, the directory could not say: again later.
      group.why = 'away';
      group.failures++;
    }
    group.isAsked = false;
    schedule(group, context);
    pause.wake();
  }

  function settle(): void {
    const released = takeWhere(groups, ({ isAnswered }) => isAnswered);
    if (released.length > 0) deps.onReleased(released);
    if (!deps.isDraining()) return;
    const left = takeWhere(groups, ({ failures, isAsked }) => !isAsked && failures >= FAILURES_WHILE_DRAINING);
    if (left.length > 0) deps.onLeft(left);
  }

  async function probeAll(asked: readonly Group[]): Promise<void> {
    const probes = Promise.all(asked.map(probe));
    await unlessAborted(withinTime(probes, { delayMs: ROUND_MS, sleep }), signal);
  }

  async function runRound(): Promise<void> {
    const now = context.clock();
    const due = [...groups.values()].filter(({ isAsked, dueAt }) => !isAsked && dueAt <= now);
    await probeAll(due);
    // Somebody answers again: the others are asked for at once, so that all go back in their order.
    const isBack = due.some(({ why, isAnswered }) => isAnswered || why === 'unknown');
    if (isBack) await probeAll([...groups.values()].filter((group) => group.why === 'away' && isUnasked(group)));
    settle();
  }

  function retryWhere(isMeant: (group: Group) => boolean): void {
    for (const group of groups.values()) {
      if (!isMeant(group)) continue;
      group.isEarly = true;
      group.dueAt = context.clock();
    }
    pause.wake();
  }

  return {
    get size() {
      let size = 0;
      for (const { deliveries } of groups.values()) size += deliveries.length;
      return size;
    },
    has: (wanted) => groups.has(keyOf(wanted)),
    add(delivery, wanted, why) {
      const key = keyOf(wanted);
      const known = groups.get(key);
      known?.deliveries.push(delivery);
      if (known !== undefined) return;
      const group: Group = { ...createGroup(wanted, why), deliveries: [delivery], failures: delivery.timesHeld++ };
      groups.set(key, group);
      schedule(group, context);
      pause.wake();
    },
    retryAway: () => retryWhere(({ why }) => why === 'away'),
    retryOf: (slug) => retryWhere((group) => group.slug === slug),
    review: pause.wake,
    async run() {
      while (!signal.aborted) {
        await pause.wait(delayUntilDue(groups.values(), context.clock()));
        if (!signal.aborted) await runRound();
      }
    },
  };
}

function createGroup({ slug, subkeyId }: Wanted, why: Group['why']): Omit<Group, 'deliveries' | 'failures'> {
  return { slug, subkeyId, why, misses: 0, dueAt: 0, isEarly: false, isAsked: false, isAnswered: false };
}

function takeWhere(groups: Map<string, Group>, isMeant: (group: Group) => boolean): readonly Delivery[] {
  const taken: Delivery[] = [];
  for (const [key, group] of groups) {
    if (!isMeant(group)) continue;
    groups.delete(key);
    taken.push(...group.deliveries);
  }
  return taken;
}

function isUnasked({ isAsked, isAnswered }: Group): boolean {
  return !isAsked && !isAnswered;
}

function keyOf({ slug, subkeyId }: Wanted): string {
  return `${slug}/${subkeyId}`;
}

function noteMiss(group: Group, wasEarly: boolean): void {
  group.why = 'unknown';
  group.failures = 0;
  if (!wasEarly) group.misses++;
  if (group.misses < UNKNOWN_MS.length) return;
  group.isAnswered = true;
  for (const delivery of group.deliveries) delivery.isGivenUp = true;
}

function schedule(group: Group, { clock, random }: ClientContext): void {
  const { why, failures, misses, isEarly } = group;
  if (isEarly) return;
  const delayMs = why === 'away' ? backoffDelay(AWAY, failures, random) : (UNKNOWN_MS[misses] ?? 0);
  group.dueAt = clock() + delayMs;
}

function delayUntilDue(groups: Iterable<Group>, now: number): number | undefined {
  let earliest: number | undefined;
  for (const { isAsked, dueAt } of groups) {
    if (!isAsked && dueAt < (earliest ?? Infinity)) earliest = dueAt;
  }
  return earliest === undefined ? undefined : Math.max(earliest - now, 0);
}
