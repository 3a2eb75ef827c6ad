// What the flaky proxy does to requests and frames, one fault at a time, before a server that answers with what it hears.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { FaultKind } from '../src/proxy/fault-kind.ts';
import { type FlakyProxy, type FlakyProxyOptions, startFlakyProxy } from '../src/proxy/flaky-proxy.ts';
import { waitFor } from '../src/network/wait-for.ts';
import { type EchoServer, startEchoServer } from './kit/echo-server.ts';
import { openSocket, post } from './kit/proxy-client.ts';

/** Runs `act` before an echo server. */
async function withProxy(
  options: Partial<FlakyProxyOptions>,
  act: (proxy: FlakyProxy, server: EchoServer) => Promise<void>,
): Promise<void> {
  await using server = await startEchoServer();
  await using proxy = await startFlakyProxy({ target: server.url, seed: 1, ...options });
  await act(proxy, server);
}

const message = (number: number): string => JSON.stringify({ type: 'message', number });

describe('requests', () => {
  it('passes on what it is given, and gives back what it is answered', () =>
    withProxy({}, async (proxy, server) => {
      const heard = await post(`${proxy.url}/things?a=1%20b`, 'hello');
      expect(heard).toMatchObject({ end: 'answer', status: 200, text: 'echo of hello', headers: { 'x-asked': 'yes' } });
      expect(server.requests).toEqual(['POST /things?a=1%20b hello']);
      expect(proxy.faultCount).toBe(0);
    }));

  it.each([
    { kind: 'refuse-401', status: 401, retryAfter: undefined, error: 'UNAUTHORIZED', arrived: 0 },
    { kind: 'refuse-429', status: 429, retryAfter: '7', error: 'RATE_LIMITED', arrived: 0 },
    { kind: 'refuse-503', status: 503, retryAfter: '7', error: 'INTERNAL', arrived: 0 },
    { kind: 'mask-401', status: 401, retryAfter: undefined, error: 'UNAUTHORIZED', arrived: 1 },
    { kind: 'mask-429', status: 429, retryAfter: '7', error: 'RATE_LIMITED', arrived: 1 },
    { kind: 'mask-503', status: 503, retryAfter: '7', error: 'INTERNAL', arrived: 1 },
  ] as const)('$kind answers in the place of the server', ({ kind, status, retryAfter, error, arrived }) =>
    withProxy({ retryAfterSeconds: 7 }, async (proxy, server) => {
      proxy.inject(kind);
      const heard = await post(`${proxy.url}/things`, 'hello');
      expect(heard).toMatchObject({ end: 'answer', status });
      expect(heard.headers['retry-after']).toBe(retryAfter);
      expect(JSON.parse(heard.text)).toMatchObject({ error });
      expect(server.requests).toHaveLength(arrived);
      expect(proxy.faults).toMatchObject({ [kind]: 1 });
      expect(await post(`${proxy.url}/things`, 'again')).toMatchObject({ status: 200 });
    }),
  );

  it.each([
    { kind: 'drop-request', arrived: 0, status: undefined, text: '' },
    { kind: 'drop-answer', arrived: 1, status: undefined, text: '' },
    { kind: 'truncate-answer', arrived: 1, status: 200, text: 'echo o' },
  ] as const)('$kind ends the connection', ({ kind, arrived, status, text }) =>
    withProxy({}, async (proxy, server) => {
      proxy.inject(kind);
      expect(await post(`${proxy.url}/things`, 'hello')).toMatchObject({ end: 'broken', status, text });
      expect(server.requests).toHaveLength(arrived);
      expect(proxy.faults).toMatchObject({ [kind]: 1 });
      expect(proxy.faultCount).toBe(1);
    }),
  );

  it('delays an answer', () =>
    withProxy({ maxDelayMs: 10 }, async (proxy) => {
      proxy.inject('delay-answer');
      expect(await post(`${proxy.url}/things`, 'hello')).toMatchObject({ end: 'answer', text: 'echo of hello' });
      expect(proxy.faults['delay-answer']).toBe(1);
    }));

  it('lets others overtake what it delays', () =>
    withProxy({ maxDelayMs: 60 * 60_000 }, async (proxy) => {
      const leaving = new AbortController();
      let isAnswered = false;
      proxy.inject('delay-answer', { path: '/slow' });
      const slow = post(`${proxy.url}/slow`, '', leaving.signal).then(({ end }) => {
        isAnswered = end === 'answer';
      });
      await waitFor(() => proxy.faults['delay-answer'] === 1, 'the delay');
      expect(await post(`${proxy.url}/fast`, '')).toMatchObject({ end: 'answer' });
      leaving.abort();
      await slow;
      expect(isAnswered).toBe(false);
    }));

  it('stalls an answer until it is healed', () =>
    withProxy({}, async (proxy, server) => {
      proxy.inject('stall-answer');
      let isAnswered = false;
      const stalled = post(`${proxy.url}/things`, 'hello').finally(() => {
        isAnswered = true;
      });
      await waitFor(() => proxy.faults['stall-answer'] === 1, 'the stall');
      await post(`${proxy.url}/others`, '');
      expect([server.requests.length, isAnswered]).toEqual([2, false]);
      proxy.heal();
      expect(await stalled).toMatchObject({ end: 'answer', text: 'echo of hello' });
    }));

  it('injects where it is told to, as often as it is told to', () =>
    withProxy({}, async (proxy) => {
      proxy.inject('refuse-503', { times: 2, method: 'POST', path: '/messages' });
      const paths = ['/things', '/messages', '/messages?x=1', '/messages'];
      const statuses: unknown[] = [];
      for (const path of paths) statuses.push((await post(proxy.url + path, '')).status);
      expect(statuses).toEqual([200, 503, 503, 200]);
    }));

  it('injects by header', () =>
    withProxy({}, async (proxy) => {
      proxy.inject('refuse-401', { header: ['x-asked', 'no'] });
      proxy.inject('refuse-503', { header: ['x-asked', 'yes'] });
      const { status } = await post(`${proxy.url}/things`, '');
      expect(status).toBe(503);
    }));

  it('lets go of a client that does not wait for its answer', () =>
    withProxy({}, async (proxy) => {
      const leaving = new AbortController();
      proxy.inject('stall-answer');
      const gone = post(`${proxy.url}/things`, '', leaving.signal);
      await waitFor(() => proxy.faults['stall-answer'] === 1, 'the stall');
      leaving.abort();
      await gone;
      await waitFor(() => proxy.connectionCount === 0, 'the connection to end');
      expect(proxy.faultCount).toBe(1);
    }));
});

describe('sockets', () => {
  it('passes frames, their kind and the close code in both directions', () =>
    withProxy({}, async (proxy, server) => {
      const client = await openSocket(proxy.url);
      for (const number of [1, 2, 3]) client.socket.send(message(number));
      client.socket.send(Buffer.from('binary'));
      await waitFor(() => client.heard.length === 4, 'four echoes');
      expect(client.heard).toEqual([message(1), message(2), message(3), 'binary']);
      for (const socket of server.sockets) socket.close(4403, 'over');
      await waitFor(() => client.closeCode === 4403, 'the close code of the server');
      const other = await openSocket(proxy.url);
      other.socket.close(4001);
      await waitFor(() => server.closes.includes(4001), 'the close code of the client');
      expect(proxy.faultCount).toBe(0);
    }));

  it('tells a client what the server says to a socket that it does not want', () =>
    withProxy({}, async (proxy) => {
      const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/nowhere`);
      socket.on('error', () => undefined);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      expect(response.statusCode).toBe(404);
      socket.terminate();
    }));

  it.each([
    { kind: 'refuse-401', status: 401 },
    { kind: 'refuse-429', status: 429 },
    { kind: 'refuse-503', status: 503 },
  ] as const)('$kind answers an upgrade', ({ kind, status }) =>
    withProxy({}, async (proxy, server) => {
      proxy.inject(kind, { path: '/subscribe' });
      const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/subscribe`);
      socket.on('error', () => undefined);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      expect(response.statusCode).toBe(status);
      socket.terminate();
      expect([server.sockets.size, proxy.faults[kind]]).toEqual([0, 1]);
    }),
  );

  it.each([20, 1000, 100_000])('cuts a frame of %i characters from the server in the middle', (length) =>
    withProxy({}, async (proxy) => {
      proxy.inject('cut-server-frame');
      const received = await receiveRaw(proxy.url, 'x'.repeat(length));
      const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
      expect(received).toHaveLength(header + length / 2);
      expect(received[0]).toBe(0x81);
      expect(proxy.faults['cut-server-frame']).toBe(1);
    }),
  );

  it('cuts a frame of the client in the middle: the server sees a broken connection and no frame', () =>
    withProxy({}, async (proxy, server) => {
      const client = await openSocket(proxy.url);
      proxy.inject('cut-client-frame');
      client.socket.send(message(1));
      await waitFor(() => client.closeCode === 1006, 'the connection to break');
      await waitFor(() => server.closes.length === 1, 'the server to notice');
      expect(server.closes).toEqual([1006]);
      expect(server.frames).toEqual([]);
      expect(proxy.faults['cut-client-frame']).toBe(1);
    }));

  it('duplicates a frame', () =>
    withProxy({}, async (proxy) => {
      const client = await openSocket(proxy.url);
      proxy.inject('duplicate-frame', { frameType: 'message' });
      for (const text of ['{"type":"ping"}', message(1), message(2)]) client.socket.send(text);
      await waitFor(() => client.heard.length === 4, 'four frames');
      expect(client.heard).toEqual(['{"type":"ping"}', message(1), message(1), message(2)]);
      expect(proxy.faults['duplicate-frame']).toBe(1);
    }));

  it('reorders two frames of one type', () =>
    withProxy({ holdMs: 60_000 }, async (proxy) => {
      const client = await openSocket(proxy.url);
      proxy.inject('reorder-frames', { frameType: 'message' });
      for (const text of [message(1), '{"type":"ping"}', message(2), message(3)]) client.socket.send(text);
      await waitFor(() => client.heard.length === 4, 'four frames');
      expect(client.heard).toEqual(['{"type":"ping"}', message(2), message(1), message(3)]);
      expect(proxy.faults['reorder-frames']).toBe(1);
    }));

  it('does not keep a frame that no other one follows, and does not call that reordered', () =>
    withProxy({ holdMs: 20 }, async (proxy) => {
      const client = await openSocket(proxy.url);
      proxy.inject('reorder-frames');
      client.socket.send(message(1));
      await waitFor(() => client.heard.length === 1, 'the frame');
      expect(proxy.faultCount).toBe(0);
    }));

  it.each(['delay-server-frame', 'delay-client-frame'] as const)('%s holds up its direction, in order', (kind) =>
    withProxy({}, async (proxy) => {
      const client = await openSocket(proxy.url);
      proxy.inject(kind);
      for (const number of [1, 2]) client.socket.send(message(number));
      await waitFor(() => client.heard.length === 2, 'both frames');
      expect(client.heard).toEqual([message(1), message(2)]);
      expect(proxy.faults[kind]).toBe(1);
    }),
  );

  it.each([1000, 1001, 1008, 1009, 1011, 1012, 1013, 4400, 4401, 4403, 4408] as const)('closes with %i', (code) =>
    withProxy({}, async (proxy, server) => {
      const client = await openSocket(proxy.url);
      proxy.inject(`close-${code}`);
      client.socket.send(message(1));
      await waitFor(() => client.closeCode !== undefined, 'the close');
      expect([client.closeCode, client.heard]).toEqual([code, []]);
      await waitFor(() => server.sockets.size === 0, 'the server to notice');
      expect(proxy.faults[`close-${code}`]).toBe(1);
    }),
  );

  it('stalls both directions until it is healed', () =>
    withProxy({}, async (proxy, server) => {
      const client = await openSocket(proxy.url);
      proxy.inject('stall-socket');
      client.socket.send(message(1));
      await waitFor(() => proxy.faults['stall-socket'] === 1, 'the stall');
      client.socket.send(message(2));
      const other = await openSocket(proxy.url);
      other.socket.send(message(3));
      await waitFor(() => other.heard.length === 1, 'the echo of another socket');
      expect([client.heard, server.frames]).toEqual([[], [message(1), message(3)]]);
      proxy.heal();
      await waitFor(() => client.heard.length === 2, 'both echoes');
      expect(client.heard).toEqual([message(1), message(2)]);
    }));
});

describe('the proxy', () => {
  it('cuts every connection', () =>
    withProxy({}, async (proxy, server) => {
      const clients = [await openSocket(proxy.url), await openSocket(proxy.url)];
      expect(proxy.cutAll()).toBe(2);
      await waitFor(() => clients.every(({ closeCode }) => closeCode === 1006), 'the cuts');
      await waitFor(() => server.sockets.size === 0, 'the server to notice');
      expect(proxy.faults['cut-connection']).toBe(2);
    }));

  it('ends connections while the target is away, and goes on when it is back', async () => {
    const first = await startEchoServer();
    await using proxy = await startFlakyProxy({ target: first.url, seed: 1 });
    const client = await openSocket(proxy.url);
    await post(`${proxy.url}/things`, '');
    await first[Symbol.asyncDispose]();
    await waitFor(() => client.closeCode === 1006, 'the socket to break');
    expect(await post(`${proxy.url}/things`, '')).toMatchObject({ end: 'broken', status: undefined });
    await expect(openSocket(proxy.url)).rejects.toThrow('socket hang up');
    await using _ = await startEchoServer(first.port);
    expect(await post(`${proxy.url}/things`, '')).toMatchObject({ end: 'answer', status: 200 });
    await openSocket(proxy.url);
    expect(proxy.faultCount).toBe(0);
  });

  it('meets the same requests with the same faults for the same seed, and with others for another', async () => {
    const [first, again, other] = [await runOnce(5), await runOnce(5), await runOnce(6)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set(['200', '429', '503', 'broken']));
  });

  it('does nothing any more when it is healed', () =>
    withProxy({ rates: { 'refuse-503': 1 } }, async (proxy) => {
      expect(await post(`${proxy.url}/things`, '')).toMatchObject({ status: 503 });
      proxy.inject('refuse-401');
      proxy.heal();
      expect(await post(`${proxy.url}/things`, '')).toMatchObject({ status: 200 });
      proxy.setRates({ 'refuse-429': 1 });
      expect(await post(`${proxy.url}/things`, '')).toMatchObject({ status: 429 });
    }));

  it('duplicates and reorders by rate nothing but messages', () =>
    withProxy({ rates: { 'duplicate-frame': 1 } }, async (proxy) => {
      const client = await openSocket(proxy.url);
      for (const text of ['{"type":"connected"}', 'no json', message(1)]) client.socket.send(text);
      await waitFor(() => client.heard.length === 4, 'four frames');
      expect(client.heard).toEqual(['{"type":"connected"}', 'no json', message(1), message(1)]);
    }));

  it.each([
    { rates: { 'refuse-401': 0.6, 'refuse-429': 0.6 }, why: 'together' },
    { rates: { 'close-1000': -0.1 }, why: 'below 0' },
    { rates: { 'drop-answer': Number.NaN }, why: 'together' },
  ] as const)('refuses rates that are no probabilities: $rates', async ({ rates, why }) => {
    await expect(startFlakyProxy({ target: 'http://127.0.0.1:9', seed: 1, rates })).rejects.toThrow(why);
  });

  it.each(['https://127.0.0.1:1', 'http://127.0.0.1:1/path', 'nothing'])('refuses the target %s', async (target) => {
    await expect(startFlakyProxy({ target, seed: 1 })).rejects.toThrow('http://host:port');
  });

  it('ends everything when it is closed, also what stalls', async () => {
    await using server = await startEchoServer();
    const proxy = await startFlakyProxy({ target: server.url, seed: 1 });
    const client = await openSocket(proxy.url);
    proxy.inject('stall-answer');
    const stalled = post(`${proxy.url}/things`, '');
    await waitFor(() => proxy.faults['stall-answer'] === 1, 'the stall');
    await proxy[Symbol.asyncDispose]();
    expect(await stalled).toMatchObject({ end: 'broken' });
    await waitFor(() => client.closeCode === 1006, 'the socket to end');
    await waitFor(() => server.sockets.size === 0, 'the server to notice');
  });
});

/** How twenty requests end, one after the other. */
async function runOnce(seed: number): Promise<readonly string[]> {
  const rates: Partial<Record<FaultKind, number>> = { 'refuse-503': 0.2, 'mask-429': 0.2, 'drop-answer': 0.2 };
  const ends: string[] = [];
  await withProxy({ seed, rates }, async (proxy) => {
    for (let number = 0; number < 20; number++) {
      const { end, status } = await post(`${proxy.url}/things`, '');
      ends.push(end === 'broken' ? end : String(status));
    }
  });
  return ends;
}

/** Sends a frame by hand, and returns every byte that follows the handshake until the connection ends. */
async function receiveRaw(url: string, text: string): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.write(
    `GET /subscribe HTTP/1.1\r\nhost: ${hostname}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
      'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const head = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  chunks.push(head);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const long = text.length > 65_535;
  const header = text.length < 126 ? [0x81, 0x80 | text.length] : long ? longHeader(text) : shortHeader(text);
  socket.write(Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), Buffer.from(text)]));
  await once(socket, 'close');
  const all = Buffer.concat(chunks);
  return all.subarray(all.indexOf('\r\n\r\n') + 4);
}

function shortHeader({ length }: string): readonly number[] {
  return [0x81, 0xfe, length >> 8, length & 0xff];
}

function longHeader({ length }: string): readonly number[] {
  return [0x81, 0xff, 0, 0, 0, 0, (length >> 24) & 0xff, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
}
