// A session is a thread of codex. The program that has it open comes and goes: idle ones are ended, ended ones come back with
// the next turn. spec: runtimes 2.9, 10.3
import type { JsonObject } from '@puffo/base';
import type { ProgramLease } from '../../program/program-keeper.ts';
import { createSession, NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailureClass, EngineSession, SessionOptions, TurnInput } from '../../spec/engine.ts';
import type { CodexSettings } from './codex-options.ts';
import { createThreadKeeper } from './create-thread-keeper.ts';
import { type LiveThread, secretsIn } from './live-thread.ts';
import { type CodexTurn, runCodexTurn } from './run-codex-turn.ts';
import { toSessionRef } from './session-ref.ts';

/** Fails with an `EngineError` when codex does not start, whatever the reason: only an unknown thread is begun anew. */
export async function openCodexSession(settings: CodexSettings, session: SessionOptions): Promise<EngineSession> {
  const keeper = createThreadKeeper(settings, session);
  const { isResumed } = await keeper.open();
  const secrets = secretsIn({ settings, session });
  let steerable: { readonly thread: LiveThread; readonly turnId: string } | undefined;
  let compacting: Promise<unknown> = Promise.resolve();
  let isRunning = false;

  function makeTurn(thread: LiveThread, turn: Pick<CodexTurn, 'method' | 'params' | 'signal'>): CodexTurn {
    return {
      ...turn,
      thread,
      secrets,
      silenceMs: settings.silenceMs,
      permissions: {
        askPermission: session.askPermission,
        acceptsEdits: settings.policy.acceptsEdits,
        workspaceDir: settings.workspaceDir,
      },
      onTurnId(turnId) {
        steerable = turnId === undefined ? undefined : { thread, turnId };
      },
    };
  }

  async function* runWith(
    lease: ProgramLease<LiveThread>,
    turn: Pick<CodexTurn, 'method' | 'params' | 'signal'>,
  ): AsyncGenerator<TurnEvent, TurnResult, void> {
    try {
      return yield* runCodexTurn(makeTurn(lease.program, turn));
    } finally {
      lease.release();
    }
  }

  async function* run(input: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
    isRunning = true;
    try {
      await compacting;
      const found = await keeper.use(signal);
      if (found.kind === 'failed') return failed(found.failureClass, found.detail);
      const params = { input: toInput(input.text) };
      const result = yield* runWith(found.lease, { method: 'turn/start', params, signal });
      // A running codex does not look at a login that was renewed behind its back.
      if (isAuthFailure(result)) await keeper.drop();
      return result;
    } finally {
      isRunning = false;
    }
  }

  async function compact(signal: AbortSignal): Promise<boolean> {
    const found = await keeper.use(signal);
    if (found.kind === 'failed') return false;
    const turn = runWith(found.lease, { method: 'thread/compact/start', params: {}, signal });
    let next = await turn.next();
    while (next.done !== true) next = await turn.next();
    return next.value.outcome.kind === 'ok';
  }

  return {
    ...createSession({ isResumed, run, describe: () => toSessionRef(keeper.threadId), close: keeper.close }),
    async steer(text) {
      if (steerable === undefined) return false;
      const { thread, turnId } = steerable;
      const params = { threadId: thread.threadId, expectedTurnId: turnId, input: toInput(text) };
      return (await thread.server.ask('turn/steer', params)).kind === 'result';
    },
    async compact(signal) {
      if (isRunning || signal.aborted) return false;
      const work = compact(signal);
      compacting = work.catch(() => undefined);
      return work;
    },
  };
}

function toInput(text: string): readonly JsonObject[] {
  return [{ type: 'text', text, text_elements: [] }];
}

function isAuthFailure({ outcome }: TurnResult): boolean {
  return outcome.kind === 'failed' && outcome.failure.failureClass === 'auth';
}

function failed(failureClass: EngineFailureClass, detail: string): TurnResult {
  return { outcome: { kind: 'failed', failure: driverFailure(failureClass, detail) }, usage: NO_USAGE };
}
