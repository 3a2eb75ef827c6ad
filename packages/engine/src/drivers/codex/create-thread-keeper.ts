// Which thread a session is, and the program that has it open when it is wanted. spec: runtimes 5.3, 10.3
import { createProgramKeeper, type ProgramLease } from '../../program/program-keeper.ts';
import type { EngineFailureClass, SessionOptions } from '../../spec/engine.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { CodexSettings } from './codex-options.ts';
import { type LiveThread, startThread } from './live-thread.ts';
import { readSessionRef } from './session-ref.ts';

export type FoundThread =
  | { readonly kind: 'live'; readonly lease: ProgramLease<LiveThread> }
  | { readonly kind: 'failed'; readonly failureClass: EngineFailureClass; readonly detail: string };

export interface ThreadKeeper {
  readonly threadId: string | undefined;
  /** Called first. Fails with an `EngineError`. */
  open(): Promise<{ readonly isResumed: boolean }>;
  /** Never fails. */
  use(signal: AbortSignal): Promise<FoundThread>;
  /** The next turn gets a new program, which reads its files anew. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

export function createThreadKeeper(settings: CodexSettings, session: SessionOptions): ThreadKeeper {
  let threadId = readSessionRef(session.resume);
  /** It was there, and has been said something in. */
  let isKnown = false;
  let isLost = false;
  const programs = createProgramKeeper({ start, idleMs: settings.idleShutdownMs });

  async function start(): Promise<LiveThread> {
    const resumed = threadId === undefined ? undefined : await startThread({ settings, session, threadId });
    const thread = resumed ?? (await startThread({ settings, session, threadId: undefined }));
    if (thread === undefined) throw new EngineError('Cannot begin a thread of codex', { code: 'unavailable' });
    isLost = isKnown && resumed === undefined;
    isKnown = resumed !== undefined;
    ({ threadId } = thread);
    return thread;
  }

  async function useRunning(signal: AbortSignal): Promise<ProgramLease<LiveThread> | undefined> {
    const lease = await programs.use(signal);
    if (lease?.program.isOver !== true) return lease;
    lease.release();
    await programs.drop();
    return programs.use(signal);
  }

  async function find(signal: AbortSignal): Promise<FoundThread> {
    const lease = await useRunning(signal);
    if (lease === undefined) return { kind: 'failed', failureClass: 'crashed', detail: 'It was called off' };
    if (!isLost) {
      isKnown = true;
      return { kind: 'live', lease };
    }
    isLost = false;
    lease.release();
    return { kind: 'failed', failureClass: 'bad_session', detail: 'Codex does not have this thread any more' };
  }

  return {
    get threadId() {
      return threadId;
    },
    async open() {
      const lease = await programs.use(NEVER);
      try {
        return { isResumed: lease?.program.isResumed === true };
      } finally {
        lease?.release();
      }
    },
    async use(signal) {
      try {
        return await find(signal);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        return { kind: 'failed', failureClass: 'crashed', detail: error.message };
      }
    },
    drop: programs.drop,
    close: programs.close,
  };
}

const NEVER = new AbortController().signal;
