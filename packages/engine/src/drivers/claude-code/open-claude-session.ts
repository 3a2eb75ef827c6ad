// A session of Claude Code: a process while it is wanted, and the conversation that it goes on with whenever it starts.
// spec: runtimes 5.2, 5.3, 5.8, 10.2.3
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createProgramKeeper, type ProgramKeeper, type ProgramLease } from '../../program/program-keeper.ts';
import { secretsOf } from '../../program/program-environment.ts';
import { createSession, NO_USAGE, type TurnEvent, type TurnResult } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure, EngineSession, SessionOptions, TurnInput } from '../../spec/engine.ts';
import { EngineError } from '../../spec/engine-error.ts';
import { createPermissionMemory } from './answer-permission.ts';
import { buildClaudeEnvironment } from './claude-environment.ts';
import type { ClaudeProcess } from './claude-process.ts';
import { compactClaude } from './compact-claude.ts';
import { runClaudeTurn } from './run-claude-turn.ts';
import { readSessionRef, toSessionRef } from './session-ref.ts';
import { type ClaudeSettings, startClaude } from './start-claude.ts';

/** What a session is at the moment. */
interface SessionState {
  /** To go on with. */
  id: string | undefined;
  /** Something would be lost with it. */
  hasContent: boolean;
  /** The input that is being answered; more can be added. */
  running: { readonly process: ClaudeProcess; readonly added: Set<string> } | undefined;
}

export async function openClaudeSession(settings: ClaudeSettings, options: SessionOptions): Promise<EngineSession> {
  const resumed = readSessionRef(options.resume);
  const state: SessionState = { id: resumed, hasContent: resumed !== undefined, running: undefined };
  const secrets = secretsOf(buildClaudeEnvironment(settings));
  const keeper = createProgramKeeper({
    start: createStart(settings, { options, state }),
    idleMs: settings.idleShutdownMs,
  });

  async function* run(input: TurnInput, signal: AbortSignal): AsyncGenerator<TurnEvent, TurnResult, void> {
    let lease: ProgramLease<ClaudeProcess> | undefined;
    try {
      lease = await keeper.use(signal);
    } catch (error) {
      return { outcome: { kind: 'failed', failure: toFailure(error) }, usage: NO_USAGE };
    }
    if (lease === undefined) return { outcome: { kind: 'cancelled' }, usage: NO_USAGE };
    const { program: process, release } = lease;
    const added = new Set<string>();
    try {
      const turn = { process, uuid: crypto.randomUUID(), text: input.text, silenceMs: settings.silenceMs };
      const events = runClaudeTurn({ ...turn, secrets, signal, added, onSession, drop: keeper.drop });
      return yield* watchAcceptance(events, () => {
        state.hasContent = true;
        // Earlier, it would be merged with the input.
        state.running = { process, added };
      });
    } finally {
      state.running = undefined;
      release();
    }
  }

  function onSession(id: string): void {
    if (id !== '') state.id = id;
  }

  if (resumed !== undefined && !(await hasTranscript(settings, resumed))) await verify(keeper, state);
  const session = createSession({
    isResumed: resumed !== undefined && state.id === resumed,
    run,
    describe: () => toSessionRef(state.id),
    close: () => keeper.close(),
  });
  return {
    ...session,
    steer: (text) => addToTurn(state, text),
    async compact(signal) {
      const lease = await keeper.use(signal).catch(() => undefined);
      if (lease === undefined) return false;
      try {
        return await compactClaude(lease.program, { signal, silenceMs: settings.silenceMs, drop: keeper.drop });
      } finally {
        lease.release();
      }
    },
  };
}

type Start = (signal: AbortSignal) => Promise<ClaudeProcess>;

function createStart(
  settings: ClaudeSettings,
  { options, state }: { readonly options: SessionOptions; readonly state: SessionState },
): Start {
  const memory = createPermissionMemory();

  async function resume(id: string, signal: AbortSignal): Promise<ClaudeProcess | undefined> {
    const result = await startClaude({ settings, options, session: { kind: 'resumed', id }, memory, signal });
    if (result.kind === 'ready') return result.process;
    if (result.kind === 'failed') throw new StartFailure(result.failure);
    const isLoss = state.hasContent;
    state.id = undefined;
    state.hasContent = false;
    if (isLoss) throw new StartFailure(driverFailure('bad_session', 'Claude Code does not know the session any more'));
    return undefined;
  }

  async function begin(signal: AbortSignal): Promise<ClaudeProcess> {
    const session = { kind: 'new', id: crypto.randomUUID() } as const;
    const result = await startClaude({ settings, options, session, memory, signal });
    if (result.kind === 'ready') return result.process;
    const unknown = driverFailure('protocol', 'Claude Code does not know the session that it was to begin');
    throw new StartFailure(result.kind === 'failed' ? result.failure : unknown);
  }

  return async (signal) => (state.id === undefined ? undefined : await resume(state.id, signal)) ?? begin(signal);
}

/** Only the CLI knows for sure whether a session is there: its file may be elsewhere. */
async function verify(keeper: ProgramKeeper<ClaudeProcess>, state: SessionState): Promise<void> {
  state.hasContent = false;
  try {
    (await keeper.use(new AbortController().signal))?.release();
    state.hasContent = state.id !== undefined;
  } catch (error) {
    await keeper.close();
    if (!(error instanceof StartFailure)) throw error;
    throw new EngineError(error.failure.detail, { code: 'unavailable', cause: error });
  }
}

async function addToTurn({ running }: SessionState, text: string): Promise<boolean> {
  if (running === undefined || running.process.hasEnded) return false;
  const uuid = crypto.randomUUID();
  running.added.add(uuid);
  try {
    await running.process.say(text, uuid);
    return true;
  } catch {
    // It has ended: the turn says why.
    running.added.delete(uuid);
    return false;
  }
}

async function* watchAcceptance(
  turn: AsyncGenerator<TurnEvent, TurnResult, void>,
  onAccepted: () => void,
): AsyncGenerator<TurnEvent, TurnResult, void> {
  try {
    for (;;) {
      const next = await turn.next();
      if (next.done === true) return next.value;
      if (next.value.kind === 'accepted') onAccepted();
      yield next.value;
    }
  } finally {
    // Does nothing when it has come to its end.
    await turn.return({ outcome: { kind: 'cancelled' }, usage: NO_USAGE });
  }
}

/** Why a turn cannot begin; a value on its way through the keeper. */
class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly failure: EngineFailure;

  constructor(failure: EngineFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}

function toFailure(error: unknown): EngineFailure {
  if (error instanceof StartFailure) return error.failure;
  if (error instanceof EngineError) return driverFailure('protocol', error.message);
  throw error;
}

/** Where the CLI keeps what was said, by the folder that it works in. */
async function hasTranscript(settings: ClaudeSettings, id: string): Promise<boolean> {
  const { agentDir, workspaceDir, environment } = settings;
  const config = environment['CLAUDE_CONFIG_DIR'] ?? join(agentDir, '.claude');
  const project = workspaceDir.replaceAll(/[^\dA-Za-z]/g, '-');
  try {
    return (await stat(join(config, 'projects', project, `${id}.jsonl`))).isFile();
  } catch {
    return false;
  }
}
