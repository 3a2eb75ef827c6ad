// Attempt after attempt, with pauses, until it is told to stop. spec: wire-protocol 10.1, 10.7
import { createAsyncQueue, sleep as sleepForReal } from '@puffo/base';
import { closeActionOf, closeCodeOf, socketUrlOf, type SubkeyId } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { SubkeyCredentials } from '../http/http-client.ts';
import type { OpenSocket } from '../platform.ts';
import type { Session } from '../session/session.ts';
import type { Connection, ConnectionEvent, ConnectionState } from './connection.ts';
import { type Attempt, openAttempt } from './open-attempt.ts';
import { createPause, type Sleep, unlessAborted, withinTime } from './pause.ts';
import { type Ended, judgeEnd } from './reconnect-policy.ts';

/** Frames that wait for the reader. Above that the connection ends, and the server keeps what was not acknowledged. */
const WAITING_FRAMES = 2000;
/** Opened and closed, at most, with each connection. */
const OTHER_EVENTS = 2;
/** How often is looked whether a reader that was too far behind goes on. */
const READER_MS = 1000;
/** For the answer to our close. */
const GOODBYE_MS = 2000;

export interface ConnectionOptions {
  readonly openSocket: OpenSocket;
  readonly serverUrl: string;
  readonly session: Pick<Session, 'getSubkey' | 'renewSubkey'>;
  readonly context: ClientContext;
  /** As good as closing it. */
  readonly signal?: AbortSignal | undefined;
  readonly sleep?: Sleep | undefined;
  /** For the pauses between two connections only; absent: `sleep`. */
  readonly pauseSleep?: Sleep | undefined;
}

/** Throws for a URL that is neither http nor https; after that it never fails, it tries again. */
export function createConnection(options: ConnectionOptions): Connection {
  const { context, sleep = sleepForReal } = options;
  const url = socketUrlOf(options.serverUrl);
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = createPause({ sleep: options.pauseSleep ?? sleep, signal });
  const subkeys = createSubkeySource(options.session, signal);
  const events = createAsyncQueue<ConnectionEvent>(WAITING_FRAMES + OTHER_EVENTS);
  const states = createStates(context);
  let attempt: Attempt | undefined;
  let count = 0;

  function stop(): void {
    stopping.abort();
    attempt?.end(closeCodeOf('normal'));
  }

  function open(credentials: SubkeyCredentials): Attempt {
    const number = ++count;
    const current = openAttempt({
      openSocket: options.openSocket,
      url,
      credentials,
      context,
      sleep,
      onOpen() {
        events.add({ kind: 'open', connection: number });
        states.set('open');
      },
      onFrame(frame) {
        if (events.size < WAITING_FRAMES && events.add({ kind: 'frame', connection: number, frame })) return;
        context.log.warn('connection-overrun', { waiting: events.size });
        current.end(closeCodeOf('normal'));
      },
    });
    attempt = current;
    return current;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      states.set('connecting');
      const end = await tryOnce({ subkeys, open, context });
      const next = judgeEnd(end, { failures, random: context.random });
      const isLast = next.kind === 'stop' || signal.aborted;
      if (end.wasOpen) events.add(closedEvent(count, end, isLast ? undefined : next.waitMs));
      if (isLast) break;
      failures = next.failures;
      context.log.info('connection-ended', { code: end.code, livedMs: end.livedMs, waitMs: next.waitMs });
      states.set('waiting');
      await pause.wait(next.waitMs);
      // A reader that is too far behind is not helped by more.
      while (events.size >= WAITING_FRAMES && !signal.aborted) await pause.wait(READER_MS);
    }
    states.set('stopped');
    events.end();
  }

  if (options.signal?.aborted === true) stopping.abort();
  options.signal?.addEventListener('abort', stop, { once: true, signal });
  const running = run();

  return {
    get state() {
      return states.current;
    },
    events,
    send: (frame) => attempt?.send(frame) ?? false,
    onState: states.listen,
    async [Symbol.asyncDispose]() {
      stop();
      await running;
      if (attempt !== undefined) await withinTime(attempt.closed, { delayMs: GOODBYE_MS, sleep });
    },
  };
}

interface TryDeps {
  readonly subkeys: SubkeySource;
  readonly open: (credentials: SubkeyCredentials) => Attempt;
  readonly context: ClientContext;
}

/** Once: a subkey, a connection, its end. Whatever goes wrong on the way is a reason to try again later. */
async function tryOnce({ subkeys, open, context }: TryDeps): Promise<Ended & { readonly wasOpen: boolean }> {
  const notOpened = { code: undefined, livedMs: 0, wasOpen: false };
  let step = 'subkey';
  try {
    const credentials = await subkeys.get();
    if (credentials === 'aborted') return notOpened;
    step = 'socket';
    const end = await open(credentials).ended;
    if (closeActionOf(end.code) === 'rotate-subkey') subkeys.refuse(credentials.signerId);
    return end;
  } catch (error) {
    const isClientError = error instanceof ClientError;
    context.log.warn('connection-not-tried', { step, code: isClientError ? error.code : 'unexpected' });
    return { ...notOpened, retryAfterMs: isClientError ? error.retryAfterMs : undefined };
  }
}

interface SubkeySource {
  get(): Promise<SubkeyCredentials | 'aborted'>;
  /** The server does not accept it: the next one is another. */
  refuse(subkeyId: SubkeyId): void;
}

function createSubkeySource(session: ConnectionOptions['session'], signal: AbortSignal): SubkeySource {
  let refused: SubkeyId | undefined;
  return {
    async get() {
      const asked = refused === undefined ? session.getSubkey() : session.renewSubkey(refused);
      const credentials = await unlessAborted(asked, signal);
      refused = undefined;
      return credentials;
    },
    refuse(subkeyId) {
      refused = subkeyId;
    },
  };
}

function closedEvent(connection: number, { code }: Ended, retryInMs: number | undefined): ConnectionEvent {
  const closed = { kind: 'closed', connection, code: code ?? closeCodeOf('abnormal') } as const;
  return retryInMs === undefined ? closed : { ...closed, retryInMs };
}

interface States {
  readonly current: ConnectionState;
  set(state: ConnectionState): void;
  listen(listener: (state: ConnectionState) => void): () => void;
}

function createStates({ log }: ClientContext): States {
  const listeners = new Set<(state: ConnectionState) => void>();
  let current: ConnectionState = 'connecting';
  return {
    get current() {
      return current;
    },
    set(state) {
      if (state === current) return;
      current = state;
      for (const listener of listeners) {
        try {
          listener(state);
        } catch {
          // Whoever only looks on must not end the connection.
          log.error('state-listener-failed', { state });
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
