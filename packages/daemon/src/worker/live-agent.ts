// An agent that is warm: it recovers what a crash left, listens, takes turns and answers, until it is told to stop or its own
// database fails. spec: daemon-and-cli 3.5, 3.12, D-3
import { type Closer, createCloser, createDeferred } from '@puffo/base';
import { type ApprovalChanging, type ApprovalOutcome, outcomeOf, revokeRule } from '../operations/approvals.ts';
import { noticeAfterCrashes } from './conclude-turn.ts';
import { createInviteKeeper } from './invites.ts';
import { listen, type ListenParts } from './listen.ts';
import { createDeferredRetries, type DeferredRetries } from './retry-deferred.ts';
import { runTurn } from './run-turn.ts';
import { startTurnLoop, type TurnLoop } from './turn-loop.ts';
import { createTurnParts, type LiveAgentParts, type TurnParts } from './turn-parts.ts';

/** A message that was in so many turns which ended with the process may be why they did. */
const MAX_CRASHES = 4;
/** What was just said has so long to leave before the agent stops; otherwise it leaves with the next start. */
const LAST_WORDS_MS = 3000;

export interface LiveAgent extends AsyncDisposable {
  /** Fails when it cannot go on; never resolves. */
  readonly broken: Promise<never>;
  /** Something of its own: it works again, or may. */
  retryDeferred(): void;
  changeApproval(changing: ApprovalChanging): Promise<ApprovalOutcome>;
}

export interface LiveAgentOptions {
  /** Of the turn that runs when it is disposed. */
  readonly graceMs: () => number;
}

export async function startLiveAgent(parts: LiveAgentParts, { graceMs }: LiveAgentOptions): Promise<LiveAgent> {
  const closer = createCloser();
  const broken = createDeferred<never>();
  let loop: TurnLoop | undefined;
  let retries: DeferredRetries | undefined;

  function wake(): void {
    loop?.wake();
  }

  function retryDeferred(): void {
    void retries?.retry().catch(fail);
  }

  function fail(error: unknown): void {
    broken.reject(error instanceof Error ? error : new Error('a part of the agent failed', { cause: error }));
  }

  try {
    await recover(parts);
    const turnParts = createTurnParts(parts, { closer, fail, wake, onLoginChange: retryDeferred });
    const { store, condition, pump, approvals, clock, logger } = turnParts;
    await approvals.recover();
    const turns = startTurnLoop({ store, clock, run: (turn, signal) => runTurn(turn, turnParts, signal) });
    loop = turns;
    closer.defer(() => pump.settle(LAST_WORDS_MS));
    closer.defer(() => turns.stop({ graceMs: graceMs() }));
    turns.ended.catch(fail);
    closer.defer(approvals.stopAsking);
    const kept = createDeferredRetries({ store, condition, wake, logger });
    retries = kept;
    keepUntilClosed(closer, (signal) => kept.keepRetrying(signal).catch(fail));
    const listenParts = createListenParts(parts, { turnParts, closer, wake });
    keepUntilClosed(closer, (signal) => listen(listenParts, signal).catch(fail));
    return {
      broken: broken.promise,
      retryDeferred,
      async changeApproval({ approvalId, change }) {
        if (change === 'revoke') return revokeRule(store, approvalId);
        return outcomeOf(await approvals.decide(approvalId, change));
      },
      [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
    };
  } catch (error) {
    await closer[Symbol.asyncDispose]();
    throw error;
  }
}

async function recover({ store, client, logger }: LiveAgentParts): Promise<void> {
  const recovery = await store.recover({ maxAttempts: MAX_CRASHES, noticeOf: noticeAfterCrashes });
  const { settled, waiting, failed } = recovery;
  if (settled + waiting + failed > 0) logger.info('turns-recovered', { settled, waiting, failed });
  // Another key, provider or account is often why an agent starts.
  await store.resumeDeferred();
  await client.outbox.resume();
}

interface ListenContext {
  readonly turnParts: TurnParts;
  readonly closer: Closer;
  readonly wake: () => void;
}

function createListenParts({ history }: LiveAgentParts, { turnParts, closer, wake }: ListenContext): ListenParts {
  const { client, store, own, config, logger, condition } = turnParts;

  function operatorSlug(): string {
    return config().puffoCore.operatorSlug;
  }

  function onArrival(): void {
    condition.loadChanged();
    wake();
  }

  const invites = closer.use(createInviteKeeper({ client, store, own, operatorSlug, logger }));
  invites.start();
  return { ...turnParts, history, invites, onArrival };
}

/** Closing ends it, and waits for it. */
function keepUntilClosed(closer: Closer, work: (signal: AbortSignal) => Promise<void>): void {
  const ending = new AbortController();
  const working = work(ending.signal);
  closer.defer(async () => {
    ending.abort();
    await working;
  });
}
