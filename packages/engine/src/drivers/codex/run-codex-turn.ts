// One turn of a thread, from its request to its end, however it ends: what began is over when this is.
// spec: runtimes 2.8, 10.3.2
import { createAsyncQueue, type JsonObject } from '@puffo/base';
import { createSilenceWatch } from '../../program/silence-watch.ts';
import { NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure } from '../../spec/engine.ts';
import type { RequestContext } from './answer-request.ts';
import { codexFailure } from './codex-failure.ts';
import type { LiveThread } from './live-thread.ts';
import type { TurnReader } from './turn-reader.ts';
import { createTurnWatch } from './turn-watch.ts';

export interface CodexTurn {
  readonly thread: LiveThread;
  /** What begins it. */
  readonly method: 'turn/start' | 'thread/compact/start';
  readonly params: JsonObject;
  readonly signal: AbortSignal;
  readonly permissions: Pick<RequestContext, 'askPermission' | 'acceptsEdits' | 'workspaceDir'>;
  /** ms without a word, after which the turn is called off. */
  readonly silenceMs: number;
  readonly secrets: readonly string[];
  /** Told when text can be added, and with `undefined` when it cannot any more. */
  onTurnId(turnId: string | undefined): void;
}

const MAX_EVENTS = 10_000;

export async function* runCodexTurn(turn: CodexTurn): AsyncGenerator<TurnEvent, TurnResult, void> {
  const { thread, signal } = turn;
  const events = createAsyncQueue<TurnEvent>(MAX_EVENTS);
  const watch = createTurnWatch(turn, events);
  let isSilent = false;
  let questions = 0;
  using silence = createSilenceWatch({
    silenceMs: turn.silenceMs,
    isWaiting: () => questions > 0 || watch.isCallingUs,
    onSilence() {
      isSilent = true;
      void watch.callOff();
    },
  });

  thread.listen({
    take(notification) {
      silence.touch();
      watch.take(notification);
    },
    async answer(request) {
      questions++;
      try {
        return await watch.answer(request);
      } finally {
        questions--;
        silence.touch();
      }
    },
    end: () => watch.end(),
  });

  function callOff(): void {
    void watch.callOff();
  }

  signal.addEventListener('abort', callOff, { once: true });
  try {
    const refusal = await watch.begin();
    if (refusal !== undefined) return { outcome: { kind: 'failed', failure: refusal }, usage: NO_USAGE };
    yield* events;
    return { outcome: await outcomeOf(turn, { ending: watch.ending, isSilent }), usage: watch.usage };
  } finally {
    signal.removeEventListener('abort', callOff);
    await watch.callOff();
    thread.listen(undefined);
  }
}

interface Ended {
  readonly ending: TurnReader['ending'];
  readonly isSilent: boolean;
}

async function outcomeOf(turn: CodexTurn, { ending, isSilent }: Ended): Promise<TurnResult['outcome']> {
  if (ending?.kind === 'completed') return { kind: 'ok' };
  if (isSilent) return { kind: 'failed', failure: driverFailure('timeout', 'codex said nothing for too long') };
  switch (ending?.kind) {
    case 'interrupted':
      return { kind: 'cancelled' };
    case 'failed':
      return { kind: 'failed', failure: codexFailure(ending.error, turn.secrets) };
    case undefined:
      return { kind: 'failed', failure: await crash(turn) };
  }
}

async function crash({ thread, secrets }: CodexTurn): Promise<EngineFailure> {
  const { exitCode, signal } = await thread.ended;
  const how = signal ?? `code ${exitCode ?? 'unknown'}`;
  return driverFailure('crashed', `codex ended in the middle of a turn (${how}): ${thread.lastWords()}`, { secrets });
}
