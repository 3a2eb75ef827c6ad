// What an administrator and a monitor see of a running server.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEnvelopeId } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { nextSeq } from '../src/db/next-seq.ts';
import { ackDeliveries } from '../src/messages/ack.ts';
import { insertPosting } from '../src/messages/posting-store.ts';
import { createLogger } from '@puffo/base';
import { VERSION } from '../src/version.ts';
import { createSpace, random, signUp, textOf, unsigned } from './kit/test-person.ts';
import { DIALECTS, startTestServer, type TestServer } from './kit/test-server.ts';

const PROGRAM = fileURLToPath(new URL('../bin/puffo-server.mjs', import.meta.url));
const TOKEN = 'a-token-that-is-long-enough';

/** The value of a metric without labels, or with exactly these. */
async function readMetric(server: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1));
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('health tells version and time, and needs no signature', async () => {
    await using server = await startTestServer({ dialect });
    const health = await unsigned(server, '/health');
    expect(health).toEqual({ ok: true, version: VERSION, time: server.clock.now });
  });

  test('metrics count requests, and the deliveries that wait', async () => {
    await using server = await startTestServer({ dialect });
    const [alice, bob] = [await signUp(server, 'alice'), await signUp(server, 'bob')];
    const envelopeId = createEnvelopeId(random);
    await server.context.database.write(async (transaction) => {
      const deliveries = [alice, bob].map(({ deviceId }) => ({ deviceId, entry: '{}' }));
      await insertPosting(transaction, { seq: await nextSeq(transaction, 'messages'), envelopeId, deliveries });
    });
    await ackDeliveries(server.context, bob.deviceId, [envelopeId]);
    await unsigned(server, '/health');
    await unsigned(server, '/health');
    const counted = () => readMetric(server, 'puffo_requests_total{endpoint="getHealth",status="200"}');
    // Counted when the answer has left, which may be after it arrived.
    await expect.poll(counted).toBe(2);
    expect(await readMetric(server, 'puffo_delivery_queue_depth')).toBe(1);
    expect(await readMetric(server, 'puffo_sockets_open')).toBe(0);
    expect(await readMetric(server, 'puffo_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
    expect(await readMetric(server, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  test('log lines hold no names, keys or content of what people do', async () => {
    const lines: string[] = [];
    const clock = { now: Date.now() };
    const log = createLogger({
      level: 'debug',
      now: () => clock.now,
      write: (line) => lines.push(line),
      isTerminal: false,
    });
    await using server = await startTestServer({ dialect, clock, log });
    const alice = await signUp(server);
    await createSpace(alice);
    await alice.call('POST', '/messages', { envelope: 'secret words' });
    await fetch(`${server.url}/spaces`, { headers: { authorization: 'Bearer secret words' } });
    await expect.poll(() => lines.length).toBeGreaterThan(4);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ time: expect.any(String), event: expect.any(String) });
    const text = lines.join('\n');
    expect(text).toContain('"event":"request"');
    for (const secret of ['secret words', 'plans', 'Team', textOf(alice.subkeyCert['signature'])]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe('metrics', () => {
  test('are not for callers that come through a proxy', async () => {
    await using server = await startTestServer();
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
    const proxied = await fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '127.0.0.1' } });
    expect(proxied.status).toBe(404);
  });

  test('are for those who have the token, when there is one, wherever they come from', async () => {
    await using server = await startTestServer({ settings: { metricsToken: TOKEN } });
    const read = async (headers: Record<string, string>) => (await fetch(`${server.url}/metrics`, { headers })).status;
    expect(await read({})).toBe(404);
    expect(await read({ authorization: `Bearer ${TOKEN}x` })).toBe(404);
    expect(await read({ authorization: `Bearer ${TOKEN}` })).toBe(200);
    expect(await read({ authorization: `Bearer ${TOKEN}`, 'x-forwarded-for': '1.2.3.4' })).toBe(200);
  });
});

describe('browsers', () => {
  const ORIGIN = 'https://chat.example.org';

  test('may call from the configured origins, and learn when to come back', async () => {
    await using server = await startTestServer({ settings: { corsOrigins: [ORIGIN] } });
    const preflight = await fetch(`${server.url}/messages`, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('x-puffo-signature');
    const answer = await fetch(`${server.url}/health`, { headers: { origin: ORIGIN } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-expose-headers')).toBe('retry-after');
  });

  test('may not from any other', async () => {
    await using server = await startTestServer({ settings: { corsOrigins: [ORIGIN] } });
    for (const origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`, 'http://chat.example.org']) {
      const answer = await fetch(`${server.url}/health`, { headers: { origin } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('get headers that keep an answer from being run or kept', async () => {
    await using server = await startTestServer();
    for (const path of ['/health', '/no/such/route', '/metrics']) {
      const { headers } = await fetch(server.url + path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('limits', () => {
  test('on unsigned requests hold per address and say when to come back', async () => {
    const limits = { perIdentity: 1000, perAddress: 3, newPeersPerHour: 1000 };
    await using server = await startTestServer({ settings: { limits } });
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await fetch(`${server.url}/health`)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await fetch(`${server.url}/health`);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: 'RATE_LIMITED' });
    server.clock.now += wait * 1000;
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  test('on signed requests hold per identity', async () => {
    const limits = { perIdentity: 3, perAddress: 1000, newPeersPerHour: 1000 };
    await using server = await startTestServer({ settings: { limits } });
    const alice = await signUp(server, 'alice');
    const bob = await signUp(server, 'bob');
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await alice.call('GET', '/spaces')).status);
    expect(statuses).toContain(429);
    expect((await bob.call('GET', '/spaces')).status).toBe(200);
  });

  test('on requests with a wrong signature hold per address', async () => {
    const limits = { perIdentity: 1000, perAddress: 3, newPeersPerHour: 1000 };
    await using server = await startTestServer({ settings: { limits } });
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await fetch(`${server.url}/spaces`)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  test('on bodies are answered before the whole body is read', async () => {
    await using server = await startTestServer();
    const alice = await signUp(server);
    const answer = await alice.call('POST', '/messages', new Uint8Array(2 * 1024 * 1024));
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({ error: 'MESSAGE_TOO_LONG' });
  });
});

test('the version is that of the package', async () => {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  expect(manifest).toMatchObject({ version: VERSION });
});

describe('the program', () => {
  test('finishes a request that it has begun when it is asked to stop, and ends with 0', async () => {
    const home = await mkdtemp(join(tmpdir(), 'puffo-program-'));
    const child = spawn(process.execPath, [PROGRAM, 'start', '--port', '0', '--data-dir', join(home, 'data')], {
      env: { PATH: '/usr/bin:/bin', HOME: home },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const url = await readUrl(child.stdout);
      const headers = { 'content-length': '2', expect: '100-continue' };
      const request = httpRequest(`${url}/signup`, { method: 'POST', headers });
      const answered = once(request, 'response');
      request.flushHeaders();
      // Said by the server when it has read the headers: from here on it holds half of a request.
      await once(request, 'continue');
      child.kill('SIGTERM');
      await refusesConnections(url);
      request.end('{}');
      const [response] = await answered;
      expect(response.statusCode).toBe(400);
      response.resume();
      const [exitCode] = await once(child, 'exit');
      expect(exitCode).toBe(0);
      expect(existsSync(join(home, 'data'))).toBe(true);
      expect((await stat(join(home, 'data'))).mode & 0o777).toBe(0o700);
      expect((await stat(join(home, 'data', 'puffo-server.db'))).mode & 0o777).toBe(0o600);
    } finally {
      child.kill('SIGKILL');
      await rm(home, { recursive: true, force: true });
    }
  });

  test('is executable, and ends with 1 when the line is wrong', async () => {
    const child = spawn(PROGRAM, ['strat'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let problems = '';
    child.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()));
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(1);
    expect(problems).toBe("There is no command 'strat': did you mean 'start'?\n");
  });

  async function readUrl(output: NodeJS.ReadableStream): Promise<string> {
    let text = '';
    for await (const chunk of output) {
      text += String(chunk);
      const url = /http:\/\/[\d.:]+/.exec(text)?.[0];
      if (url !== undefined && text.includes('\n')) return url;
    }
    throw new Error(`the program ended: ${text}`);
  }

  async function refusesConnections(url: string): Promise<void> {
    const isRefused = () =>
      fetch(`${url}/health`).then(
        ({ status }) => status === 503,
        () => true,
      );
    await expect.poll(isRefused).toBe(true);
  }
});
