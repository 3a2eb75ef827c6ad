// One socket from its connect frame to its end: handshake, pings, silence. What it hears after its end reaches nobody.
// spec: wire-protocol 10.1 to 10.3
import { createDeferred, type JsonObject } from '@puffo/base';
import { type ClientFrameInput, closeCodeOf, createConnectFrame, LIMITS, type ServerFrame } from '@puffo/protocol';
import type { ClientContext } from '../context.ts';
import type { SubkeyCredentials } from '../http/http-client.ts';
import type { OpenSocket } from '../platform.ts';
import { runAfter, type Sleep } from './pause.ts';
import { MAX_FRAME_BYTES, readFrame } from './read-frame.ts';
import { createSilenceWatch } from './silence-watch.ts';

/** Name, TCP and TLS. */
const OPENING_MS = 20_000;

export interface AttemptOptions {
  readonly openSocket: OpenSocket;
  /** `wss://…/subscribe` */
  readonly url: string;
  readonly credentials: SubkeyCredentials;
  readonly context: ClientContext;
  readonly sleep: Sleep;
  readonly onOpen: () => void;
  /** Every frame but those that are answered here. */
  readonly onFrame: (frame: ServerFrame) => void;
}

export interface AttemptEnd {
  readonly code: number;
  /** How long it was open; 0: never. */
  readonly livedMs: number;
  readonly wasOpen: boolean;
}

export interface Attempt {
  /** Resolves once, whoever ended it. */
  readonly ended: Promise<AttemptEnd>;
  /** The socket itself is gone. */
  readonly closed: Promise<void>;
  /** `false`: it is not open. */
  send(frame: ClientFrameInput): boolean;
  end(code: number): void;
}

type Phase = 'opening' | 'greeting' | 'open' | 'ended';

export function openAttempt(options: AttemptOptions): Attempt {
  const { context, sleep } = options;
  const { clock, log } = context;
  const timers = new AbortController();
  const ended = createDeferred<AttemptEnd>();
  const closed = createDeferred<void>();
  const silence = createSilenceWatch({ clock, sleep, signal: timers.signal, onSilent: endSilent });
  let phase: Phase = 'opening';
  let openedAt = 0;

  function finish(code: number): void {
    if (phase === 'ended') return;
    const wasOpen = phase === 'open';
    phase = 'ended';
    timers.abort();
    ended.resolve({ code, wasOpen, livedMs: wasOpen ? Math.max(clock() - openedAt, 0) : 0 });
  }

  function end(code: number): void {
    if (phase === 'ended') return;
    finish(code);
    socket.close(code);
  }

  function endSilent(silentMs: number): void {
    log.warn('connection-silent', { silentMs });
    end(closeCodeOf('silent'));
  }

  /** Ends it when it is still in this phase then. */
  function limitPhase(limited: Phase, delayMs: number): void {
    runAfter(delayMs, () => phase === limited && end(closeCodeOf('no-connect')), { sleep, signal: timers.signal });
  }

  function greet(): void {
    if (phase !== 'opening') return;
    phase = 'greeting';
    socket.send(JSON.stringify(connectFrameOf(options)));
    limitPhase('greeting', LIMITS.socketHandshakeMs);
  }

  function takeGreeting(frame: ServerFrame | undefined): void {
    if (frame?.type === 'connected') {
      phase = 'open';
      openedAt = clock();
      silence.start();
      options.onOpen();
      return;
    }
    // The close code that follows says more than we could. spec: wire-protocol 10.5
    if (frame?.type === 'error') return;
    log.warn('connection-greeting-wrong', { type: frame?.type });
    end(closeCodeOf('no-connect'));
  }

  function hear(text: string): void {
    if (phase !== 'greeting' && phase !== 'open') return;
    silence.hear();
    const frame = readOrLog(text, context);
    if (phase === 'greeting') takeGreeting(frame);
    else if (frame?.type === 'ping') socket.send(JSON.stringify({ type: 'pong' } satisfies ClientFrameInput));
    else if (frame !== undefined && frame.type !== 'unknown' && frame.type !== 'connected') options.onFrame(frame);
  }

  function noteClosed(code: number): void {
    finish(code);
    closed.resolve();
  }

  const place = { url: options.url, maxFrameBytes: MAX_FRAME_BYTES };
  const socket = options.openSocket(place, { onOpen: greet, onText: hear, onClose: noteClosed });
  limitPhase('opening', OPENING_MS);

  return {
    ended: ended.promise,
    closed: closed.promise,
    end,
    send(frame) {
      if (phase !== 'open') return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
  };
}

function connectFrameOf({ credentials, context }: AttemptOptions): JsonObject {
  const { slug, signerId: subkeyId, signingKey } = credentials;
  return createConnectFrame({ slug, subkeyId, signingKey, timestamp: context.clock(), random: context.random });
}

/** A frame that cannot be read is passed over: the next one may be good. */
function readOrLog(text: string, { log }: ClientContext): ServerFrame | undefined {
  const read = readFrame(text);
  if (read.kind === 'malformed') {
    log.warn('frame-malformed', { code: read.code, field: read.field });
    return undefined;
  }
  if (read.frame.type === 'unknown') log.debug('frame-unknown', { type: read.frame.frameType });
  if (read.frame.type === 'error') log.warn('frame-error', { code: read.frame.error.slice(0, 64) });
  return read.frame;
}
