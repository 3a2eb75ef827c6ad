// Turns of one agent, one after the other, as long as something waits. What waits is asked of the store each time: whoever starts
// again goes on where it was. spec: runtimes 2.1, daemon-and-cli 3.7
import { nextMoment, planTurn } from '@puffo/agent';
import { type Clock, sleep } from '@puffo/base';
import type { AgentStore } from '../store/agent-store.ts';
import type { Turn } from '../store/turns.ts';

const TURN_LIMITS = { maxBytes: 180_000, maxMessages: 50 };
/** A moment that is far away is looked at again: clocks are set. */
const MAX_WAIT_MS = 60_000;

export interface TurnLoop {
  /** Something may wait. */
  wake(): void;
  /** Ends with `stop`; fails when the agent's database does. */
  readonly ended: Promise<void>;
  /** No further turn. The running one may end by itself for so long; then it is cancelled, and waits. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}

export interface TurnLoopOptions {
  readonly store: Pick<AgentStore, 'listWaiting' | 'beginTurn'>;
  readonly clock: Clock;
  readonly run: (turn: Turn, signal: AbortSignal) => Promise<void>;
}

export function startTurnLoop({ store, clock, run }: TurnLoopOptions): TurnLoop {
  const stopping = new AbortController();
  const cancelling = new AbortController();
  let wakeUp = new AbortController();
  let isWoken = false;

  async function takeOne(): Promise<void> {
    isWoken = false;
    const waiting = await store.listWaiting();
    const now = clock();
    const plan = planTurn(waiting, { ...TURN_LIMITS, now });
    if (plan === undefined) {
      await pause(nextMoment(waiting), now);
      return;
    }
    const turn = await store.beginTurn(plan.messages.map(({ envelopeId }) => envelopeId));
    if (turn === undefined) return;
    await run(turn, cancelling.signal);
  }

  async function pause(until: number | undefined, now: number): Promise<void> {
    if (isWoken || stopping.signal.aborted) return;
    wakeUp = new AbortController();
    const waitMs = until === undefined ? MAX_WAIT_MS : Math.min(Math.max(until - now, 1), MAX_WAIT_MS);
    // It rejects when it is called off, which is what it is for.
    await sleep(waitMs, AbortSignal.any([wakeUp.signal, stopping.signal])).catch(() => undefined);
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) await takeOne();
  }

  const ended = loop();
  return {
    ended,
    wake() {
      isWoken = true;
      wakeUp.abort();
    },
    async stop({ graceMs }) {
      stopping.abort();
      const timer = new AbortController();
      sleep(graceMs, timer.signal).then(
        () => cancelling.abort(),
        () => undefined,
      );
      // Its failure is that of `ended`.
      await ended.catch(() => undefined);
      timer.abort();
    },
  };
}
