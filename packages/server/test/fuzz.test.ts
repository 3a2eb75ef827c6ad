// Every route and the socket with what nobody would send, around it a valid signature as well as none. The server runs in
// a process with little memory: what it kept of each request would end it.
import { encodeBase64url, type JsonValue } from '@puffo/base';
import { createConnectFrame, type Endpoint, ENDPOINTS, readErrorBody } from '@puffo/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { sendRaw } from './kit/raw-request.ts';
import { createServerProcess, type ServerProcess } from './kit/server-process.ts';
import { createSpace, random, registerAgent, signUp, type TestPerson } from './kit/test-person.ts';

const RUNS_PER_ROUTE = 25;

let server: ServerProcess;
let people: readonly TestPerson[];
let place: { readonly spaceId: string; readonly channelId: string };

beforeAll(async () => {
  server = await createServerProcess({ nodeArgs: ['--max-old-space-size=128'] });
  await server.start();
  const alice = await signUp(server, 'alice');
  people = [alice, await registerAgent(alice), await signUp(server, 'bob')];
  place = await createSpace(alice);
}, 60_000);

afterAll(() => server[Symbol.asyncDispose]());

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '\0', '../..', '%2e%2e%2f', "' or 1=1 --", 'x'.repeat(70_000), '__proto__', 'constructor'),
);
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, -1, 2 ** 53, 1e308),
    fc.integer(),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        text.filter((name) => name.length < 100),
        fc.constantFrom(...memberNames()),
      ),
      tie('value'),
      {
        maxKeys: 6,
        noNullPrototype: true,
      },
    ),
  ),
})).value;

describe('hostile requests', () => {
  test.each(ENDPOINTS.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
    '%s is answered, never with a failure of the server',
    async (_name, endpoint) => {
      const request = fc.record({
        person: fc.nat(2),
        isSigned: fc.boolean(),
        params: fc.array(
          fc.oneof(
            text.filter((value) => value.length < 200),
            fc.constant('known'),
          ),
          { minLength: 3, maxLength: 3 },
        ),
        query: fc.option(
          fc.dictionary(fc.constantFrom('since', 'limit', 'slugs', 'channel_id', 'kind', 'after', 'direction'), text),
        ),
        body: fc.oneof(
          json.map((value) => JSON.stringify(value)),
          fc.string(),
          fc.constant('['.repeat(5000)),
        ),
      });
      await fc.assert(
        fc.asyncProperty(request, async (plan) => checkAnswer(endpoint, plan)),
        { numRuns: RUNS_PER_ROUTE },
      );
    },
    60_000,
  );

  test('headers, methods and targets of no meaning are answered too', async () => {
    const header = fc.constantFrom(
      'x-puffo-slug',
      'x-puffo-nonce',
      'x-puffo-timestamp',
      'x-puffo-signature',
      'content-type',
      'origin',
    );
    const value = fc
      .string({ unit: fc.constantFrom('a', '-', '_', '9', ' ', ',', ';'), maxLength: 30 })
      .map((raw) => raw.trim());
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
      target: fc
        .string({ unit: fc.constantFrom('/', 'a', '%', '2', 'e', '.', '?', '=', '&', ':'), maxLength: 30 })
        .map((raw) => `/${raw}`),
      headers: fc.dictionary(header, value, { noNullPrototype: true }),
    });
    await fc.assert(
      fc.asyncProperty(request, async (plan) => {
        const response = await sendRaw(server.url, plan);
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('hostile frames', () => {
  test('before and after a valid connect frame end the socket at most, never the server', async () => {
    const frame = fc.oneof(
      json.map((value) => JSON.stringify(value)),
      fc.string(),
      fc.constantFrom(
        '{"type":"ack","envelope_ids":["x"]}',
        '{"type":"ack"}',
        '{"type":"pong"}',
        '{"type":"connect"}',
        '"'.repeat(1000),
      ),
      json.map((value) => JSON.stringify({ type: 'ack', envelope_ids: value })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 8 }), fc.boolean(), async (frames, isConnected) => {
        await sendFrames(frames, isConnected);
        expect(server.isRunning).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  test('the server is well afterwards, in 128 MiB of heap', async () => {
    const response = await sendRaw(server.url, { method: 'GET', target: '/health' });
    expect(response.status).toBe(200);
    expect(server.isRunning).toBe(true);
    const [alice] = people;
    expect((await alice?.call('GET', '/spaces'))?.status).toBe(200);
  });
});

interface Plan {
  readonly person: number;
  readonly isSigned: boolean;
  readonly params: readonly string[];
  readonly query: Readonly<Record<string, string>> | null;
  readonly body: string;
}

async function checkAnswer(endpoint: Endpoint, plan: Plan): Promise<void> {
  const person = people[plan.person];
  if (person === undefined) throw new Error('nobody to ask');
  let next = 0;
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    const param = plan.params[next++] ?? '';
    return encodeURIComponent(param === 'known' ? knownParam(name, person) : param.toWellFormed());
  });
  const query = plan.query === null ? '' : `?${new URLSearchParams(plan.query).toString()}`;
  const target = `${path}${query}`.slice(0, 7000);
  const { method } = endpoint;
  const hasBody = method !== 'GET';
  const body = new Uint8Array(Buffer.from(hasBody ? plan.body : ''));
  const response = plan.isSigned
    ? await person.call(method, target, hasBody ? body : undefined)
    : await sendRaw(server.url, { method, target, body }).then(({ status, text: answer }) => ({
        status,
        body: parse(answer),
      }));
  expect(response.status, `${method} ${target.slice(0, 200)}`).toBeLessThan(500);
  if (response.status >= 400) {
    expect(readErrorBody(response.body)).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  }
}

function knownParam(name: string, person: TestPerson): string {
  if (name.startsWith('space')) return place.spaceId;
  if (name.startsWith('channel')) return place.channelId;
  return name.includes('slug') ? person.slug : person.deviceId;
}

function parse(answer: string): unknown {
  return answer === '' ? {} : (JSON.parse(answer) as unknown);
}

/** Opens a socket, sends the frames, and waits until the server has had enough or has read them all. */
function sendFrames(frames: readonly string[], isConnected: boolean): Promise<void> {
  const [alice] = people;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/subscribe`);
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.on('pong', () => socket.terminate());
    socket.on('open', () => {
      if (isConnected && alice !== undefined) {
        const { slug, subkeyId, subkey } = alice;
        const credentials = { slug, subkeyId, signingKey: subkey, timestamp: Date.now(), random };
        socket.send(JSON.stringify(createConnectFrame(credentials)));
      }
      for (const frame of frames) socket.send(frame);
      // Answered in order, so the frames before it have been read.
      socket.ping();
    });
  });
}

function memberNames(): readonly string[] {
  const known = [
    'space_id',
    'events',
    'slug',
    'identity_cert',
    'device_cert',
    'subkey_cert',
    'envelope_ids',
    'run_id',
    'username',
  ];
  return [
    ...known,
    'type',
    'version',
    'signature',
    'payload',
    'kind',
    'recipients',
    'status',
    'invite_code',
    encodeBase64url(new Uint8Array(4)),
  ];
}
