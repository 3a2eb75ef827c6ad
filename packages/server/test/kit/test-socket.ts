// A client of `/subscribe`: signs the connect frame, keeps what comes, and waits for conditions.
import { once } from 'node:events';
import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import { createConnectFrame } from '@puffo/protocol';
import { WebSocket } from 'ws';
import { random, type TestPerson } from './test-person.ts';
import type { TestServer } from './test-server.ts';

const PATIENCE_MS = 20_000;
const JSON_LIMITS = { maxLength: 4_000_000, maxDepth: 64, integers: 'any' } as const;

export interface TestSocket extends AsyncDisposable {
  readonly socket: WebSocket;
  /** Everything that came, oldest first. */
  readonly frames: readonly JsonObject[];
  /** Fails after a while. */
  waitFor(what: string, condition: () => boolean): Promise<void>;
  /** Resolves with the first frame that fits, past or future. */
  frame(fits: (frame: JsonObject) => boolean): Promise<JsonObject>;
  /** The `message` frames among them. */
  readonly messages: readonly JsonObject[];
  /** Numbers of the messages that came, in order. */
  seqs(): readonly number[];
  envelopeIds(): readonly string[];
  /** Text, or JSON of anything else. */
  send(frame: unknown): void;
  ack(envelopeIds: readonly string[]): void;
  /** Acknowledges every message, as 0.7.2 does. */
  acknowledgeAll(): void;
  /** How the server ended it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** Connected as the first frame says; fails when it is not accepted. `at`: another node than the person's own. */
export async function connect(
  person: TestPerson,
  { at = person.server }: { at?: Pick<TestServer, 'url'> } = {},
): Promise<TestSocket> {
  const test = await openSocket(at);
  test.send(connectFrameOf(person));
  await test.waitFor('an answer to the connect frame', () => test.frames.length > 0);
  if (test.frames[0]?.['type'] === 'connected') return test;
  throw new Error(`not connected: ${JSON.stringify(test.frames[0])}`);
}

/** Open, with nothing said. */
export async function openSocket({ url }: Pick<TestServer, 'url'>): Promise<TestSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/subscribe`, { perMessageDeflate: false });
  const test = watch(socket);
  await once(socket, 'open');
  return test;
}

export function connectFrameOf(person: TestPerson, { timestamp }: { timestamp?: number } = {}): JsonObject {
  const { slug, subkeyId, subkey: signingKey, server } = person;
  return createConnectFrame({ slug, subkeyId, signingKey, random, timestamp: timestamp ?? server.clock.now });
}

/** A few rounds of what the server does by itself: long enough for what should not happen to happen. */
export async function idle(server: TestServer): Promise<void> {
  const { now } = server.clock;
  await using socket = await openSocket(server);
  server.clock.now = now + 10_000;
  await socket.closed;
  server.clock.now = now;
}

function watch(socket: WebSocket): TestSocket {
  const frames: JsonObject[] = [];
  const messages: JsonObject[] = [];
  const waiting = new Set<() => void>();
  let ending: string | undefined;
  let acknowledges = false;

  function look(): void {
    for (const check of waiting) check();
  }

  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    const frame = safeParseJson(String(data as Buffer), JSON_LIMITS);
    if (frame.kind === 'refused' || !isJsonObject(frame.value))
      throw new Error(`not a frame: ${String(data as Buffer)}`);
    frames.push(frame.value);
    if (frame.value['type'] === 'message') {
      messages.push(frame.value);
      if (acknowledges) test.ack([idOf(frame.value)]);
    }
    look();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      ending = `${code} ${reason.toString()}`;
      resolve({ code, reason: reason.toString() });
      look();
    });
  });

  const test: TestSocket = {
    socket,
    frames,
    messages,
    closed,
    waitFor(what, condition) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => fail('nothing came'), PATIENCE_MS);
        const check = (): void => {
          if (condition()) finish(resolve);
          else if (ending !== undefined) fail(`closed with ${ending}`);
        };
        function finish(then: () => void): void {
          clearTimeout(timer);
          waiting.delete(check);
          then();
        }
        function fail(why: string): void {
          finish(() => reject(new Error(`waiting for ${what}: ${why}; ${frames.length} frames`)));
        }
        waiting.add(check);
        check();
      });
    },
    async frame(fits) {
      await test.waitFor('a frame', () => frames.some(fits));
      return frames.find(fits) ?? {};
    },
    seqs: () => messages.map((frame) => Number(frame['seq'])),
    envelopeIds: () => messages.map(idOf),
    send(frame) {
      socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    },
    ack(envelopeIds) {
      socket.send(JSON.stringify({ type: 'ack', envelope_ids: envelopeIds }));
    },
    acknowledgeAll() {
      acknowledges = true;
      test.ack(test.envelopeIds());
    },
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed;
    },
  };
  return test;
}

function idOf(frame: JsonObject): string {
  const { envelope } = frame;
  const id = isJsonObject(envelope) ? envelope['envelope_id'] : undefined;
  if (typeof id === 'string') return id;
  throw new TypeError('a message frame without an envelope id');
}
