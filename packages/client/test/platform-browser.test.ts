// What browsers do differently: fetch for requests, and a WebSocket with gaps to fill. Node's fetch is the same one.
import { describe, expect, test } from 'vitest';
import { createBrowserPlatform, createHttpClient } from '../src/index.ts';
import type { BrowserSocket, BrowserSocketEvent } from '../src/browser/browser-socket.ts';
import { createContext } from './kit/keys.ts';
import { answerJson, startRawServer } from './kit/raw-server.ts';
import { createSocketLog } from './kit/socket-log.ts';

const context = createContext(4);
const MAX_FRAME_BYTES = 10;

/** Stands in for a browser's WebSocket: a test says what happens to it. */
class FakeWebSocket implements BrowserSocket {
  static last: FakeWebSocket | undefined;
  readyState = 0;
  binaryType = 'blob';
  readonly sent: string[] = [];
  readonly closes: (number | undefined)[] = [];
  readonly url: string;
  readonly #listeners = new Map<string, (event: BrowserSocketEvent) => void>();

  constructor(url: string) {
    this.url = url;
    FakeWebSocket.last = this;
  }

  addEventListener(type: string, listener: (event: BrowserSocketEvent) => void): void {
    this.#listeners.set(type, listener);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code?: number): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) throw new Error('InvalidAccessError');
    this.closes.push(code);
    this.readyState = 2;
  }

  happens(type: string, event: BrowserSocketEvent = {}): void {
    if (type === 'open') this.readyState = 1;
    if (type === 'close') this.readyState = 3;
    this.#listeners.get(type)?.(event);
  }
}

function open() {
  const platform = createBrowserPlatform({ WebSocket: FakeWebSocket });
  const log = createSocketLog();
  const socket = platform.openSocket({ url: 'wss://chat.test/subscribe', maxFrameBytes: MAX_FRAME_BYTES }, log);
  const fake = FakeWebSocket.last;
  if (fake === undefined) throw new Error('no socket was made');
  return { platform, log, socket, fake };
}

describe('a socket of a browser', () => {
  test('brings text both ways and ends once', () => {
    const { log, socket, fake } = open();
    expect(fake.url).toBe('wss://chat.test/subscribe');
    socket.send('too early');
    fake.happens('open');
    socket.send('hello');
    fake.happens('message', { data: 'hi' });
    fake.happens('close', { code: 4403, reason: 'gone' });
    fake.happens('close', { code: 1000 });
    socket.send('too late');
    expect(fake.sent).toEqual(['hello']);
    expect(log.events).toEqual(['open', 'text hi', 'close 4403']);
  });

  test.each([
    ['ten bytes', 'x'.repeat(10), 'text xxxxxxxxxx'],
    ['five characters of two bytes', 'ä'.repeat(5), 'text äääää'],
    ['eleven bytes', 'x'.repeat(11), 'close 1009'],
    ['six characters of two bytes', 'ä'.repeat(6), 'close 1009'],
    ['bytes', new ArrayBuffer(1), 'close 1003'],
  ])('with a limit of ten bytes reads %s accordingly', (_what, data, event) => {
    const { log, fake } = open();
    fake.happens('open');
    fake.happens('message', { data });
    fake.happens('message', { data: 'next' });
    expect(log.events).toEqual(['open', event, ...(event.startsWith('close') ? [] : ['text next'])]);
    expect(fake.closes).toHaveLength(event.startsWith('close') ? 1 : 0);
  });

  test('sends only codes that a browser lets out', () => {
    for (const [code, sent] of [
      [1000, 1000],
      [4000, 4000],
      [1008, undefined],
    ] as const) {
      const { socket, fake } = open();
      fake.happens('open');
      socket.close(code);
      expect(fake.closes).toEqual([sent]);
      fake.happens('close', { code: 1005 });
    }
  });

  test('ends soon after it was closed, also when the other side does not answer', async () => {
    const { log, socket, fake } = open();
    fake.happens('open');
    socket.close(1000);
    fake.happens('message', { data: 'late' });
    expect(await log.closed).toMatchObject({ code: 1006 });
    fake.happens('close', { code: 1000 });
    expect(log.events).toEqual(['open', 'close 1006']);
  });

  test('ends with its platform', async () => {
    const { platform, log, fake } = open();
    fake.happens('open');
    const closing = platform[Symbol.asyncDispose]();
    expect(fake.closes).toEqual([1000]);
    fake.happens('close', { code: 1000 });
    await closing;
    expect(log.events).toEqual(['open', 'close 1000']);
    expect(() => platform.openSocket({ url: 'wss://chat.test', maxFrameBytes: 1 }, log)).toThrow(/closed/);
  });
});

describe('a request of a browser', () => {
  test('sends and reads bytes as they are', async () => {
    const bytes = context.random.bytes(100_000);
    await using server = await startRawServer((response, { body }) =>
      response.writeHead(201, { 'x-a': 'b' }).end(body),
    );
    await using platform = createBrowserPlatform();
    const { signal } = new AbortController();
    const request = { method: 'POST', url: `${server.url}/a?b=%3A`, headers: { 'x-puffo-slug': 'alice' }, signal };
    const answer = await platform.transport({ ...request, body: bytes });
    expect(answer.status).toBe(201);
    expect([answer.header('x-a'), answer.header('x-none')]).toEqual(['b', undefined]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(server.requests[0]).toMatchObject({ target: '/a?b=%3A', headers: { 'x-puffo-slug': 'alice' } });
  });

  test('reports a redirect and does not follow it', async () => {
    await using other = await startRawServer((response) => answerJson(response, { ok: true }));
    await using server = await startRawServer((response) => response.writeHead(302, { location: other.url }).end());
    await using platform = createBrowserPlatform();
    const http = createHttpClient({ serverUrl: server.url, transport: platform.transport, context });
    await expect(http.call('getHealth', {})).rejects.toMatchObject({ code: 'redirected' });
    expect(other.requests).toEqual([]);
  });

  test('asks for no cookies, no cache and no referrer', async () => {
    const given: RequestInit[] = [];
    await using platform = createBrowserPlatform({
      fetch: (_url, init) => {
        given.push(init ?? {});
        return Promise.resolve(Response.json({ ok: true }));
      },
    });
    const http = createHttpClient({ serverUrl: 'https://chat.test', transport: platform.transport, context });
    await http.call('getHealth', {});
    expect(given).toEqual([
      expect.objectContaining({
        redirect: 'manual',
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        body: null,
      }),
    ]);
  });

  test('stops with its signal, and with its platform', async () => {
    let arrived: (() => void) | undefined;
    await using server = await startRawServer(() => arrived?.());
    await using platform = createBrowserPlatform();
    const http = createHttpClient({ serverUrl: server.url, transport: platform.transport, context });
    const stop = new AbortController();
    arrived = () => stop.abort();
    await expect(http.call('getHealth', { signal: stop.signal })).rejects.toMatchObject({ code: 'aborted' });
    arrived = () => void platform[Symbol.asyncDispose]();
    await expect(http.call('getHealth', {})).rejects.toMatchObject({ code: 'closed' });
    await expect(http.call('getHealth', {})).rejects.toMatchObject({ code: 'closed' });
    expect(server.requests).toHaveLength(2);
  });

  test('that gets no answer may have been sent', async () => {
    await using platform = createBrowserPlatform({ fetch: () => Promise.reject(new TypeError('Failed to fetch')) });
    const http = createHttpClient({ serverUrl: 'https://chat.test', transport: platform.transport, context });
    const failure = http.call('getHealth', { attempts: 1 });
    await expect(failure).rejects.toMatchObject({ code: 'unreachable', retryable: true, fields: {} });
  });
});
