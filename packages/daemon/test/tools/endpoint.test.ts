// spec: mcp-tools 14.1, 3.3, 3.4
import { request } from 'node:http';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createDeferred, seededRandom, silentLogger } from '@puffo/base';
import type { ToolCall, ToolHost } from '@puffo/engine';
import { waitFor } from '@puffo/testbed';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TOOLS } from '../../src/tools/catalogue.ts';
import {
  type IssuedEndpoint,
  startToolEndpoint,
  type ToolEndpointServer,
} from '../../src/tools/endpoint/start-tool-endpoint.ts';
import { toolProxyFile } from '../../src/tools/tool-proxy-file.ts';

let server: ToolEndpointServer;
let issued: IssuedEndpoint;
let calls: ToolCall[];
let answer: (call: ToolCall, signal: AbortSignal) => Promise<{ text: string; isError: boolean }>;
let children: ChildProcessWithoutNullStreams[];
const clock = { now: 1_800_000_000_000 };

const host: ToolHost = {
  instructions: 'Two sentences. For the model.',
  listTools: () => [
    { name: 'echo', description: 'says it again', inputSchema: { type: 'object', properties: {} }, isReadOnly: true },
  ],
  callTool(call, signal) {
    calls.push(call);
    return answer(call, signal);
  },
};

beforeEach(async () => {
  calls = [];
  children = [];
  answer = ({ input }) => Promise.resolve({ text: JSON.stringify(input), isError: false });
  server = await startToolEndpoint({
    bindHost: '127.0.0.1',
    random: seededRandom(3),
    logger: silentLogger,
    clock: () => clock.now,
  });
  issued = server.issue('helper', host);
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server[Symbol.asyncDispose]();
});

interface Asked {
  readonly method?: string;
  readonly url?: string;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

function ask(body: unknown, { method = 'POST', url = issued.url, token = issued.token, headers = {} }: Asked = {}) {
  const done = createDeferred<{ status: number; text: string }>();
  const own = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...headers,
  };
  const asking = request(url, { method, headers: own }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () =>
      done.resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
    );
  });
  asking.on('error', done.reject);
  asking.end(typeof body === 'string' ? body : JSON.stringify(body));
  return Object.assign(done.promise, { asking });
}

function callOf(name: string, input: unknown, id = 1) {
  return {
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: input, _meta: { 'claudecode/toolUseId': `toolu_${id}` } },
  };
}

describe('the endpoint', () => {
  test('14.8 answers server/discover with -32601, GET with 405 and notifications with 202', async () => {
    const discover = await ask({ jsonrpc: '2.0', id: 1, method: 'server/discover' });
    expect([discover.status, JSON.parse(discover.text).error.code]).toEqual([200, -32_601]);
    expect((await ask('', { method: 'GET' })).status).toBe(405);
    expect(await ask({ jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual({ status: 202, text: '' });
  });

  test('calls a tool with the id that the engine gave', async () => {
    const { text } = await ask(callOf('echo', { a: 1 }));
    expect(JSON.parse(text).result).toEqual({ content: [{ type: 'text', text: '{"a":1}' }], isError: false });
    expect(calls).toEqual([{ callId: 'toolu_1', name: 'echo', input: { a: 1 } }]);
  });

  test('14.3 a wrong, missing or other token is refused and changes nothing', async () => {
    const other = server.issue('other', host);
    const statuses = await Promise.all([
      ask(callOf('echo', {}), { token: null }),
      ask(callOf('echo', {}), { token: 'x'.repeat(43) }),
      ask(callOf('echo', {}), { token: other.token }),
      ask(callOf('echo', {}), { url: other.url }),
      ask(callOf('echo', {}), { headers: { authorization: `Basic ${issued.token}` } }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(calls).toEqual([]);
  });

  test('14.4 a request with an Origin header or a foreign Host is refused', async () => {
    const statuses = await Promise.all([
      ask(callOf('echo', {}), { headers: { origin: 'http://localhost:3000' } }),
      ask(callOf('echo', {}), { headers: { host: 'evil.example:80' } }),
      ask(callOf('echo', {}), { headers: { host: '127.0.0.1.evil.example' } }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(calls).toEqual([]);
  });

  test('14.5 a token that is revoked lets nobody in, and calls off what it asked for', async () => {
    const ended = createDeferred<void>();
    answer = (_call, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          ended.resolve();
          resolve({ text: 'off', isError: true });
        });
      });
    const running = ask(callOf('echo', {}));
    await waitFor(() => calls.length === 1, 'the call to arrive');
    issued.revoke();
    await ended.promise;
    await running;
    expect((await ask(callOf('echo', {}))).status).toBe(401);
  });

  test('a caller that goes away calls off what it asked for', async () => {
    const ended = createDeferred<void>();
    answer = (_call, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          ended.resolve();
          resolve({ text: 'off', isError: true });
        });
      });
    const running = ask(callOf('echo', {}));
    running.catch(() => undefined);
    await waitFor(() => calls.length === 1, 'the call to arrive');
    running.asking.destroy();
    await expect(ended.promise).resolves.toBeUndefined();
  });

  test('two engine processes of one agent have two tokens', async () => {
    const second = server.issue('helper', host);
    expect(second.token).not.toBe(issued.token);
    issued.revoke();
    expect((await ask(callOf('echo', {}), { token: second.token })).status).toBe(200);
  });

  test('a body of 10 MiB is refused, with and without saying so beforehand', async () => {
    const large = JSON.stringify(callOf('echo', { text: 'x'.repeat(10 * 1024 * 1024) }));
    const outcome = async (headers: Record<string, string>) =>
      ask(large, { headers }).then(
        ({ status }) => status,
        // The server ends the connection while the rest is still on its way.
        () => 'ended',
      );
    expect([413, 'ended']).toContain(await outcome({}));
    expect([413, 'ended']).toContain(await outcome({ 'transfer-encoding': 'chunked' }));
    expect(calls).toEqual([]);
    expect((await ask(callOf('echo', {}))).status).toBe(200);
  });

  test.each(['', '{', '[]{}', '{"a":1,"a":2}', `${'['.repeat(100)}${']'.repeat(100)}`])(
    'what is no JSON is refused: %s',
    async (body) => {
      const { status } = await ask(body);
      expect(status).toBe(400);
    },
  );

  test.each([
    '/v1/mcp/',
    '/v1/mcp/helper/x',
    '/v1/mcp/helper%2f',
    '/v1/mcp/%2e%2e',
    '/',
    '/v1/data/helper/channels/x/space',
  ])('there is nothing at %s', async (path) => {
    expect((await ask(callOf('echo', {}), { url: issued.url.replace('/v1/mcp/helper', path) })).status).not.toBe(200);
  });

  test('after 60 calls in a minute there are errors that say so; other agents go on', async () => {
    for (let id = 0; id < 60; id++) await ask(callOf('echo', {}, id));
    const over = JSON.parse((await ask(callOf('echo', {}, 61))).text).result;
    expect([over.isError, over.content[0].text]).toEqual([
      true,
      expect.stringContaining('more than 60 calls in a minute'),
    ]);
    const other = server.issue('other', host);
    const theirs = JSON.parse((await ask(callOf('echo', {}), { url: other.url, token: other.token })).text).result;
    expect(theirs.isError).toBe(false);
    clock.now += 61_000;
    expect(JSON.parse((await ask(callOf('echo', {}, 62))).text).result.isError).toBe(false);
  });

  test('four calls run at a time', async () => {
    const gate = createDeferred<void>();
    answer = async () => {
      await gate.promise;
      return { text: 'ok', isError: false };
    };
    const asked = Array.from({ length: 8 }, (_each, id) => ask(callOf('echo', {}, id)));
    await waitFor(() => calls.length === 4, 'four calls to run');
    gate.resolve();
    expect((await Promise.all(asked)).every(({ status }) => status === 200)).toBe(true);
    expect(calls).toHaveLength(8);
  });

  test('listens on this machine only', async () => {
    const options = { bindHost: '0.0.0.0', random: seededRandom(1), logger: silentLogger };
    await expect(startToolEndpoint(options)).rejects.toThrow('Cannot offer tools on 0.0.0.0');
  });
});

interface JsonRpcAnswer {
  readonly result: { readonly tools: readonly { readonly name: string }[] };
}

interface Proxy {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: string[];
  send(message: unknown): void;
  /** The answer to this id. */
  answer(id: number): Promise<JsonRpcAnswer>;
  readonly ended: Promise<number | null>;
}

function startProxy(environment: Record<string, string>): Proxy {
  const child = spawn(process.execPath, [toolProxyFile()], { env: environment });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const ended = createDeferred<number | null>();
  child.on('exit', (code) => ended.resolve(code));
  return {
    child,
    lines,
    ended: ended.promise,
    send: (message) => void child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    answer: (id) =>
      waitFor(
        () => lines.map((line) => JSON.parse(line)).find((each) => each.id === id && each.method === undefined),
        `answer ${id}`,
      ),
  };
}

describe('the proxy', () => {
  const environment = () => ({ PUFFO_TOOL_URL: issued.url, PUFFO_TOOL_TOKEN: issued.token });

  test('copies calls and their answers, each call with an id of its own', async () => {
    const proxy = startProxy(environment());
    proxy.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18' } });
    proxy.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    proxy.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    for (const id of [3, 4])
      proxy.send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'echo', arguments: { id } } });
    expect(await proxy.answer(1)).toMatchObject({
      result: { protocolVersion: '2025-06-18', instructions: host.instructions },
    });
    expect(await proxy.answer(2)).toMatchObject({ result: { tools: [{ name: 'echo' }] } });
    expect(await proxy.answer(3)).toMatchObject({ result: { content: [{ text: '{"id":3}' }] } });
    await proxy.answer(4);
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(2);
    proxy.child.stdin.end();
    expect(await proxy.ended).toBe(0);
    expect(proxy.lines).toHaveLength(4);
  });

  test('14.9 writes nothing but JSON-RPC, even when the daemon is down, and offers the tools all the same', async () => {
    const { port } = server;
    await server[Symbol.asyncDispose]();
    const proxy = startProxy({ PUFFO_TOOL_URL: `http://127.0.0.1:${port}/v1/mcp/helper`, PUFFO_TOOL_TOKEN: 'x' });
    proxy.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });
    proxy.send({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    proxy.send({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'send_message', arguments: {} } });
    proxy.send('this is no JSON');
    expect(await proxy.answer(1)).toMatchObject({ result: { serverInfo: { name: 'puffo' } } });
    const { result } = await proxy.answer(2);
    const always = TOOLS.filter(({ isAvailable }) => isAvailable === undefined).flatMap(({ name, aliases = [] }) => [
      name,
      ...aliases,
    ]);
    expect(result.tools.map(({ name }) => name)).toEqual(always);
    expect(await proxy.answer(3)).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining('daemon is not running') }] },
    });
    for (const line of proxy.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
  });

  test('a call whose connection broke before an answer comes again under the same id', async () => {
    let isFirst = true;
    answer = (call) => {
      if (!isFirst) return Promise.resolve({ text: call.callId, isError: false });
      isFirst = false;
      // The connection of the call breaks; the daemon lives on.
      return new Promise(() => setImmediate(() => cut.splice(0).forEach((end) => end())));
    };
    const cut: (() => void)[] = [];
    const { createServer, connect } = await import('node:net');
    const relay = createServer((client) => {
      const upstream = connect(server.port, '127.0.0.1');
      client.pipe(upstream).pipe(client);
      cut.push(() => client.destroy());
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => {
      relay.listen(0, '127.0.0.1', resolve);
    });
    try {
      const { port } = relay.address() as { port: number };
      const proxy = startProxy({
        PUFFO_TOOL_URL: `http://127.0.0.1:${port}/v1/mcp/helper`,
        PUFFO_TOOL_TOKEN: issued.token,
      });
      proxy.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: {} } });
      expect(await proxy.answer(1)).toMatchObject({ result: { isError: false } });
      expect(calls).toHaveLength(2);
      expect(calls[1]?.callId).toBe(calls[0]?.callId);
    } finally {
      relay.close();
      for (const end of cut) end();
    }
  });

  test('a token that is over is said to be', async () => {
    const proxy = startProxy(environment());
    issued.revoke();
    proxy.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: {} } });
    expect(await proxy.answer(1)).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringContaining('started anew') }] },
    });
  });

  test('arguments of 10 MiB are an error of that call, and the next one works', async () => {
    const proxy = startProxy(environment());
    proxy.send({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'echo', arguments: { text: 'x'.repeat(10 * 1024 * 1024) } },
    });
    expect(await proxy.answer(1)).toMatchObject({ result: { isError: true } });
    proxy.send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'echo', arguments: {} } });
    expect(await proxy.answer(2)).toMatchObject({ result: { isError: false } });
    expect(calls).toHaveLength(1);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends at %s, also while a call runs', async (signal) => {
    answer = () => new Promise(() => undefined);
    const proxy = startProxy(environment());
    proxy.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: {} } });
    await waitFor(() => calls.length === 1, 'the call to arrive');
    proxy.child.kill(signal);
    expect(await proxy.ended).toBe(0);
  });

  test('ends when nobody writes to it any more, also while a call runs', async () => {
    answer = () => new Promise(() => undefined);
    const proxy = startProxy(environment());
    proxy.send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: {} } });
    await waitFor(() => calls.length === 1, 'the call to arrive');
    proxy.child.stdin.end();
    expect(await proxy.ended).toBe(0);
  });
});
