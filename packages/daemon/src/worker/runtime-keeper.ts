// `runtime.json` of a live agent: what the worker notes, written soon and again with every heartbeat. spec: daemon-and-cli 1.7,
// 3.13, D-29
import type { NoticeClass } from '@puffo/agent';
import type { Clock, Logger } from '@puffo/base';
import type { AgentPaths } from '../home/home.ts';

/** Own addition: where a running worker is. `backoff`: it failed, and is started again later. */
export type Phase = 'starting' | 'connecting' | 'online' | 'offline' | 'backoff';

export interface RuntimeFacts {
  readonly status: 'running' | 'error';
  readonly phase: Phase;
  /** s */
  readonly startedAt: number;
  /** Turns that are over since then. */
  readonly msgCount: number;
  /** s; 0: none yet. */
  readonly lastEventAt: number;
  /** In plain words; empty when all is well. */
  readonly error: string;
  readonly health: string;
  /** s; `undefined` while there is no connection. */
  readonly connectedAt: number | undefined;
  /** s */
  readonly lastErrorAt: number | undefined;
  /** s; of `backoff`. */
  readonly nextRetryAt: number | undefined;
  /** Messages that are to be answered: waiting, in a turn, or deferred. */
  readonly messagesWaiting: number;
  /** Messages that were given up. */
  readonly messagesFailed: number;
  /** Since midnight, local time. */
  readonly tokensToday: { readonly input: number; readonly output: number };
  /** Absent: none since it started. */
  readonly lastTurn?: LastTurn | undefined;
}

interface LastTurn {
  readonly outcome: OutcomeOfTurn;
  /** s */
  readonly at: number;
}

/** `empty_answer`: it neither used a tool nor said anything. */
export type OutcomeOfTurn = 'answered' | 'silent' | NoticeClass;

export interface RuntimeKeeper extends AsyncDisposable {
  readonly facts: RuntimeFacts;
  /** Several changes at once are one write. A write that fails is logged, and tried again with the next heartbeat. */
  note(change: Partial<RuntimeFacts>): void;
}

export interface RuntimeKeeperOptions {
  readonly agent: AgentPaths;
  readonly clock: Clock;
  readonly heartbeatMs: () => number;
  readonly logger: Logger;
}

/** Writes at once, so that nobody reads what an earlier run left. Disposing writes `stopped`, the last thing that is written. */
export type CreateRuntimeKeeper = (options: RuntimeKeeperOptions) => RuntimeKeeper;
