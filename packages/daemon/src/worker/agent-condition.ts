// How the agent is: its connection, its health, what waits, what it has cost today. Kept in `runtime.json`, and told to the
// operator once per episode. spec: daemon-and-cli D-14, D-29
import {
  causeText,
  type FailureClass,
  type HealthEvent,
  healthText,
  INITIAL_HEALTH,
  operatorNews,
  operatorNotice,
  type OperatorNoticeFacts,
  reduceHealth,
} from '@puffo/agent';
import { type Clock, type Logger, sleep } from '@puffo/base';
import type { AgentStore } from '../store/agent-store.ts';
import type { OutcomeOfTurn, RuntimeKeeper } from './runtime-keeper.ts';

const LOAD_WITHIN_MS = 500;

export type ConnectionCondition =
  | { readonly phase: 'connecting' | 'online' }
  /** `problem`: for people. */
  | { readonly phase: 'offline'; readonly problem: string };

export interface AgentCondition extends AsyncDisposable {
  setConnection(condition: ConnectionCondition): void;
  note(event: HealthEvent): void;
  /** A turn is over, whatever came of it; `undefined`: nobody knows, the agent itself broke. */
  turnEnded(outcome: OutcomeOfTurn | undefined): void;
  /** Something came in, or waits again. */
  loadChanged(): void;
  /** Whether nobody in this conversation was told since the agent was well; from now on somebody was. */
  isFirstNotice(conversation: string): boolean;
  isOperatorTold(failureClass: FailureClass): boolean;
}

export interface AgentConditionOptions {
  readonly store: Pick<AgentStore, 'readLoad'>;
  readonly keeper: RuntimeKeeper;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly facts: () => OperatorNoticeFacts;
  /** Returns at once, and whether there is an operator to tell. Two with one key are one. */
  readonly tellOperator: (text: string, idempotencyKey: string) => boolean;
}

const BAD_WORDS: ReadonlySet<string> = new Set(['auth_failed', 'api_error_abandoned']);

export function createAgentCondition(options: AgentConditionOptions): AgentCondition {
  const { keeper, clock, tellOperator, facts } = options;
  const load = createLoadWatch(options);
  /** Conversations. */
  const notified = new Set<string>();
  let health = INITIAL_HEALTH;
  let connectionProblem = '';
  /** Why messages wait to be tried again, of an agent that is well otherwise. */
  let obstacle = '';

  function show(): void {
    const problem = BAD_WORDS.has(health.word) ? healthText(health) : obstacle;
    const error = connectionProblem !== '' ? connectionProblem : problem;
    const isNew = error !== '' && error !== keeper.facts.error;
    keeper.note({ health: health.word, error, ...(isNew ? { lastErrorAt: toSeconds(clock()) } : {}) });
  }

  function tellNews(): void {
    const about = operatorNews(health);
    if (about === undefined) return;
    if (tellOperator(operatorNotice(about, facts()), `operator:${about}:${clock()}`)) {
      health = reduceHealth(health, { kind: 'operator-told', about });
    }
  }

  return {
    setConnection(condition) {
      connectionProblem = condition.phase === 'offline' ? condition.problem : '';
      const connectedAt = condition.phase === 'online' ? toSeconds(clock()) : undefined;
      keeper.note({ status: 'running', phase: condition.phase, connectedAt, nextRetryAt: undefined });
      show();
    },
    note(event) {
      health = reduceHealth(health, event);
      obstacle = obstacleAfter(event, obstacle);
      if (!BAD_WORDS.has(health.word)) notified.clear();
      tellNews();
      show();
    },
    turnEnded(outcome) {
      const { msgCount } = keeper.facts;
      const at = toSeconds(clock());
      const lastTurn = outcome === undefined ? {} : { lastTurn: { outcome, at } };
      keeper.note({ msgCount: msgCount + 1, lastEventAt: at, ...lastTurn });
      load.look();
    },
    loadChanged: load.look,
    isFirstNotice(conversation) {
      if (notified.has(conversation)) return false;
      notified.add(conversation);
      return true;
    },
    isOperatorTold: (failureClass) => health.told.some((about) => about === failureClass),
    [Symbol.asyncDispose]: () => load[Symbol.asyncDispose](),
  };
}

/** Only turns say something of it. */
function obstacleAfter(event: HealthEvent, before: string): string {
  if (event.kind === 'turn-ok') return '';
  if (event.kind !== 'turn-failed') return before;
  return event.gaveUp ? '' : `trying again later: ${causeText(event.failureClass)}`;
}

interface LoadWatch extends AsyncDisposable {
  /** Soon, and once for many who ask. */
  look(): void;
}

function createLoadWatch({ store, keeper, clock, logger }: AgentConditionOptions): LoadWatch {
  const closing = new AbortController();
  let looking: Promise<void> | undefined;
  let isAskedAgain = false;

  async function lookOnce(): Promise<void> {
    isAskedAgain = false;
    const { waiting, failed, tokens } = await store.readLoad(startOfDay(clock()));
    keeper.note({ messagesWaiting: waiting, messagesFailed: failed, tokensToday: tokens });
    // It rejects when it is called off.
    await sleep(LOAD_WITHIN_MS, closing.signal).catch(() => undefined);
  }

  function look(): void {
    if (closing.signal.aborted) return;
    if (looking !== undefined) {
      isAskedAgain = true;
      return;
    }
    looking = lookOnce()
      // Whoever needs the database hears of it; a number that is old does no harm.
      .catch((error: unknown) => logger.debug('load-not-read', { error: error instanceof Error ? error.name : '' }))
      .finally(() => {
        looking = undefined;
        if (isAskedAgain) look();
      });
  }

  return {
    look,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await looking;
    },
  };
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** Local time: what a person calls today. */
function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}
