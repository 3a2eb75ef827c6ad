// A session of Gemini CLI over the programs that serve it one after the other. spec: runtimes 2.8, 2.9, 10.4
import { isJsonObject, type JsonObject } from '@puffo/base';
import { secretsOf } from '../../program/program-environment.ts';
import { createProgramKeeper } from '../../program/program-keeper.ts';
import { NO_USAGE, type SessionDriver, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { EngineFailure, SessionOptions, SessionRef, TurnInput } from '../../spec/engine.ts';
import type { ProgramEngineOptions } from '../../spec/program-options.ts';
import type { ApprovalPlan } from './approval-plan.ts';
import { geminiFailure } from './gemini-failure.ts';
import { type GeminiProgram, type GeminiSetup, type OpenedSession, startGeminiProgram } from './gemini-program.ts';
import { runGeminiTurn } from './run-gemini-turn.ts';
import { prepareStoredSession } from './session-files.ts';

export interface GeminiSessionDeps {
  readonly options: ProgramEngineOptions;
  readonly approval: ApprovalPlan;
}

const NEVER = new AbortController().signal;

export async function openGeminiSession(
  { options, approval }: GeminiSessionDeps,
  { systemPrompt, model, resume, tools, askPermission }: SessionOptions,
): Promise<SessionDriver> {
  const setup: GeminiSetup = { options, approval, systemPrompt, model, endpoint: tools?.endpoint };
  const secrets = [...secretsOf(options.environment), ...(tools?.endpoint === undefined ? [] : [tools.endpoint.token])];
  const held = createHeldSession(readRef(resume), secrets);
  const keeper = createProgramKeeper<GeminiProgram>({
    start: () => startGeminiProgram(setup, held.id()),
    idleMs: options.idleShutdownMs,
  });

  const served = new WeakSet<GeminiProgram>();

  async function* runIn(program: GeminiProgram, turn: StartedTurn): AsyncGenerator<TurnEvent, TurnResult, void> {
    const failure = held.adopt(program.opened);
    if (failure !== undefined) {
      // A program that has a session, though another one, serves the next turn.
      if (program.opened.kind !== 'ready') await keeper.drop();
      return failed(failure);
    }
    const isFirst = !served.has(program);
    served.add(program);
    const result = yield* runGeminiTurn({
      peer: program.peer,
      sessionId: held.id() ?? '',
      input: turn.input,
      signal: turn.signal,
      askPermission: approval.questions === 'ask' ? askPermission : undefined,
      silenceMs: options.silenceMs,
      secrets,
      stop: () => keeper.drop(),
      onAccepted: () => held.keep(),
      describeEnd: () => describeEnd(program),
    });
    if (!isBadSession(result)) return result;
    await keeper.drop();
    // What only its memory has spoilt is good again when it is loaded.
    if (!isFirst) return failed(driverFailure('crashed', 'Gemini CLI cannot go on with what it remembers'));
    held.forget();
    return result;
  }

  async function* run(input: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
    let lease: Awaited<ReturnType<typeof keeper.use>>;
    try {
      lease = await keeper.use(signal);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return failed(driverFailure('crashed', error.message, { secrets }));
    }
    if (lease === undefined) return { outcome: { kind: 'cancelled' }, usage: NO_USAGE };
    try {
      return yield* runIn(lease.program, { input, signal });
    } finally {
      lease.release();
    }
  }

  /** Asks the program, which has to run for it. */
  async function isKnown(): Promise<boolean> {
    const lease = await keeper.use(NEVER);
    const opened = lease?.program.opened;
    if (opened?.kind === 'ready') held.adopt(opened);
    else await keeper.drop();
    lease?.release();
    return opened?.kind === 'ready' && opened.isResumed;
  }

  const stored = held.id();
  // Files may lie elsewhere in another version.
  const isResumed =
    stored !== undefined && ((await prepareStoredSession(options.agentDir, stored)) || (await isKnown()));
  if (isResumed) held.keep();
  return { isResumed, run, describe: () => writeRef(held.id()), close: () => keeper.close() };
}

interface HeldSession {
  id(): string | undefined;
  /** Takes over the session of a program that has started, or says why there is none. */
  adopt(opened: OpenedSession): EngineFailure | undefined;
  /** Something has been said in it that would be missed. */
  keep(): void;
  forget(): void;
}

function createHeldSession(first: string | undefined, secrets: readonly string[]): HeldSession {
  let id = first;
  let hasHistory = false;
  return {
    id: () => id,
    adopt(opened) {
      if (opened.kind === 'refused') return geminiFailure(opened.error, secrets);
      if (opened.kind === 'ended') {
        const what = opened.isLate ? 'did not get ready' : 'ended';
        return driverFailure(opened.isLate ? 'timeout' : 'crashed', `Gemini CLI ${what} before there was a session`);
      }
      const isLost = hasHistory && opened.sessionId !== id;
      id = opened.sessionId;
      if (!isLost) return undefined;
      hasHistory = false;
      return driverFailure('bad_session', 'Gemini CLI does not know the session any more');
    },
    keep() {
      hasHistory = true;
    },
    forget() {
      id = undefined;
      hasHistory = false;
    },
  };
}

interface StartedTurn {
  readonly input: TurnInput;
  readonly signal: AbortSignal;
}

function isBadSession({ outcome }: TurnResult): boolean {
  return outcome.kind === 'failed' && outcome.failure.failureClass === 'bad_session';
}

function failed(failure: EngineFailure): TurnResult {
  return { outcome: { kind: 'failed', failure }, usage: NO_USAGE };
}

async function describeEnd({ handle }: GeminiProgram): Promise<string> {
  const { exitCode, signal } = await handle.ended;
  const [line = ''] = handle.stderrTail().trim().split('\n').slice(-1);
  return `Gemini CLI ended with ${signal ?? exitCode ?? 'no code'}: ${line}`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readRef(ref: SessionRef | undefined): string | undefined {
  const id = isJsonObject(ref) && ref['harness'] === 'gemini-cli' ? ref['sessionId'] : undefined;
  return typeof id === 'string' && UUID.test(id) ? id : undefined;
}

function writeRef(sessionId: string | undefined): JsonObject {
  return { harness: 'gemini-cli', ...(sessionId === undefined ? {} : { sessionId }) };
}
