// What is sent, by whom it is signed, and what of an answer is taken. Real HTTP on loopback. spec: wire-protocol 5, 9.1
import { encodeUtf8 } from '@puffo/base';
import {
  type AuthVerdict,
  deviceIdOf,
  isSubkeyId,
  LIMITS,
  type SessionKeys,
  verifyKeyBytes,
  verifyRequest,
} from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { deviceCredentialsOf, type HttpClient } from '../src/index.ts';
import type { HttpClientOptions } from '../src/http/create-http-client.ts';
import {
  context,
  envelope,
  failureOf,
  type HttpWorld,
  keys,
  noSpaces,
  openHttpWorld,
  session,
  spaceId,
} from './kit/http-world.ts';
import { NOW } from './kit/keys.ts';
import { type Answerer, answerJson, type GotRequest, startRawServer } from './kit/raw-server.ts';

async function verify(request: GotRequest, target: string, subkey: SessionKeys = session): Promise<AuthVerdict> {
  const { method, headers, body } = request;
  const received = { method, target, headers, body };
  return verifyRequest(received, {
    now: NOW,
    authClass: 'device-or-subkey',
    findSigner: (signerId) =>
      Promise.resolve({
        kind: isSubkeyId(signerId) ? 'subkey' : 'device',
        slug: keys.slug,
        deviceId: keys.deviceId,
        key: isSubkeyId(signerId) ? subkey.subkey.verifyKey : keys.deviceKey.verifyKey,
        expiresAt: null,
        deviceExpiresAt: null,
        deviceRevokedFrom: null,
        isIdentityActive: true,
      }),
    claimNonce: () => Promise.resolve(true),
  });
}

function first(world: HttpWorld): GotRequest {
  const [request] = world.server.requests;
  if (request === undefined) throw new Error('the server got nothing');
  return request;
}

describe('a request', () => {
  test('is signed by the subkey over the very bytes and the very path that are sent', async () => {
    await using world = await openHttpWorld((response) => answerJson(response, { ok: true }, 201));
    await world.http.call('sendMessage', { body: envelope });
    const request = first(world);
    expect(request).toMatchObject({ method: 'POST', target: '/messages' });
    expect(request.headers).toMatchObject({ 'content-type': 'application/json', 'accept-encoding': 'identity' });
    expect(new TextDecoder().decode(request.body)).toBe(JSON.stringify(envelope));
    expect(await verify(request, request.target)).toMatchObject({ kind: 'accepted', signerId: session.subkeyId });
    expect(await verify({ ...request, body: encodeUtf8('{}') }, request.target)).toMatchObject({ kind: 'refused' });
  });

  test('goes to the prefix of a relay, which is not signed', async () => {
    await using world = await openHttpWorld((response) => answerJson(response, noSpaces), { prefix: '/relay/' });
    await world.http.call('listSpaces', {});
    const request = first(world);
    expect(world.http.serverUrl).toBe(`${world.server.url}/relay`);
    expect(request.target).toBe('/relay/spaces');
    expect(await verify(request, '/spaces')).toMatchObject({ kind: 'accepted' });
    expect(await verify(request, '/relay/spaces')).toMatchObject({ kind: 'refused' });
  });

  test.each(['1:alice-3d3d:ev_1', 'a,b', "it's", 'a b', 'ä/ö', '100%', '?x=&y#z', '~._-'])(
    'carries the cursor %s as it was signed',
    async (since) => {
      await using world = await openHttpWorld((response) => answerJson(response, { events: [], has_more: false }));
      await world.http.call('listEvents', { params: { space_id: spaceId }, query: { since } });
      const request = first(world);
      expect(new URL(request.target, 'http://x').searchParams.get('since')).toBe(since);
      expect(await verify(request, request.target)).toMatchObject({ kind: 'accepted' });
    },
  );

  test('is signed by the device where a subkey is registered, and not at all where nobody is known', async () => {
    await using world = await openHttpWorld((response) =>
      answerJson(response, { ok: true, code: 'c', available: true }),
    );
    await world.http.call('registerSubkey', { body: { subkey_cert: {} } });
    await world.http.call('checkInviteCode', { params: { code: 'c' } });
    const [registering, checking] = world.server.requests;
    const ownDevice = deviceIdOf(verifyKeyBytes(keys.deviceKey.verifyKey));
    expect(registering?.headers['x-puffo-signer-id']).toBe(ownDevice);
    expect(Object.keys(checking?.headers ?? {}).filter((name) => name.startsWith('x-puffo'))).toEqual([]);
  });

  test('with an empty object as its body has no bytes', async () => {
    await using world = await openHttpWorld((response) => answerJson(response, { ok: true }));
    await world.http.call('updateProfile', { body: {} });
    expect(first(world).body).toHaveLength(0);
    expect(first(world).headers['content-length']).toBe('0');
  });

  test('carries bytes as they are, and brings bytes back', async () => {
    const bytes = context.random.bytes(40_000);
    await using world = await openHttpWorld((response, { method }) =>
      method === 'POST' ? answerJson(response, { blob_id: 'blob_1' }, 201) : response.end(bytes),
    );
    const { blob_id } = await world.http.call('uploadBlob', { body: bytes });
    expect(Buffer.from(first(world).body).equals(bytes)).toBe(true);
    const brought = await world.http.call('getBlob', { params: { blob_id } });
    expect(Buffer.from(brought).equals(bytes)).toBe(true);
  });

  test.each([
    [
      'a body that is too large',
      (http: HttpClient) => http.call('uploadBlob', { body: new Uint8Array(LIMITS.blobBytes + 1) }),
    ],
    ['a path that has no place', (http: HttpClient) => http.call('checkInviteCode', { params: { code: '..' } })],
  ])('with %s is not sent', async (_what, send) => {
    await using world = await openHttpWorld((response) => answerJson(response, {}));
    expect(await failureOf(send(world.http))).toMatchObject({ code: 'invalid-input', retryable: false });
    expect(world.server.requests).toEqual([]);
  });

  test('that needs keys which are not there is not sent', async () => {
    await using world = await openHttpWorld((response) => answerJson(response, noSpaces), { credentials: undefined });
    expect(await failureOf(world.http.call('listSpaces', {}))).toMatchObject({ code: 'invalid-input' });
    await using device = await openHttpWorld((response) => answerJson(response, { messages: [] }), {
      credentials: { deviceCredentials: deviceCredentialsOf(keys) },
    });
    expect(await failureOf(device.http.call('listSpaces', {}))).toMatchObject({ code: 'invalid-input' });
    expect(await device.http.call('listPending', {})).toMatchObject({ messages: { items: [] } });
    expect([...world.server.requests, ...device.server.requests].map(({ target }) => target)).toEqual([
      '/messages/pending',
    ]);
  });
});

describe('an answer', () => {
  test('that points elsewhere is not followed, and the other server is never contacted', async () => {
    await using other = await startRawServer((response) => answerJson(response, noSpaces));
    await using world = await openHttpWorld((response) =>
      response.writeHead(307, { location: `${other.url}/spaces` }).end(),
    );
    const failure = await failureOf(world.http.call('listSpaces', {}));
    expect(failure).toMatchObject({ code: 'redirected', status: 307, retryable: false });
    expect(failure.message).toContain(other.url);
    expect(world.server.requests).toHaveLength(1);
    expect(other.requests).toEqual([]);
  });

  test('that nobody reads gives its connection up', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    await using world = await openHttpWorld((response) => {
      closed = new Promise((resolve) => {
        response.on('close', resolve);
      });
      response.writeHead(302, { location: '/elsewhere' }).write('and so on');
    });
    expect(await failureOf(world.http.call('listSpaces', {}))).toMatchObject({ code: 'redirected' });
    await closed;
    expect(world.server.requests).toHaveLength(1);
  });

  test.each([
    ['no JSON', 'hello'],
    ['cut JSON', '{"spaces":['],
    ['another shape', '{"spaces":7}'],
    ['a list instead of an object', '[]'],
    ['nothing, where something is expected', ''],
    ['bytes that are no text', Buffer.from([0xff, 0xfe])],
  ])('that holds %s is invalid, and not asked for again', async (_what, text) => {
    await using world = await openHttpWorld((response) => response.end(text));
    const failure = await failureOf(world.http.call('listSpaces', {}));
    expect(failure).toMatchObject({ code: 'answer-invalid', retryable: false });
    expect(world.server.requests).toHaveLength(1);
  });

  test('may hold an envelope that is as deep as one may be', async () => {
    const deep: unknown = JSON.parse(`${'{"x":'.repeat(31)}1${'}'.repeat(31)}`);
    await using world = await openHttpWorld((response) =>
      answerJson(response, { messages: [{ seq: 1, envelope: deep }] }),
    );
    const { messages } = await world.http.call('listPending', {});
    expect(messages.items).toHaveLength(1);
  });

  test('that announces more than its limit is not read', async () => {
    await using world = await openHttpWorld((response) => {
      response.writeHead(200, { 'content-length': String(LIMITS.blobBytes + 1) }).write('x');
    });
    const failure = await failureOf(world.http.call('getBlob', { params: { blob_id: 'blob_1' as never } }));
    expect(failure).toMatchObject({ code: 'answer-too-large', retryable: false });
  });

  test('that never ends is given up at its limit', async () => {
    let sentBytes = 0;
    await using world = await openHttpWorld((response) => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      function more(): void {
        while (!response.destroyed) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return;
        }
      }
      response.on('drain', more);
      more();
    });
    const failure = await failureOf(world.http.call('getBlob', { params: { blob_id: 'blob_1' as never } }));
    expect(failure).toMatchObject({ code: 'answer-too-large' });
    expect(sentBytes).toBeGreaterThan(LIMITS.blobBytes / 2);
  });

  test.each([
    ['does not begin', () => undefined],
    ['does not go on', (response) => response.writeHead(200).write('{')],
  ] satisfies [string, Answerer][])('that %s runs out of time, each time', async (_what, answer) => {
    await using world = await openHttpWorld(answer, { attemptTimeoutMs: 30 });
    const failure = await failureOf(world.http.call('listSpaces', { attempts: 2 }));
    expect(failure).toMatchObject({ code: 'timeout', retryable: true });
    expect(failure.message).toBe('Cannot call GET /spaces: no complete answer within 30 ms');
    expect(world.server.requests).toHaveLength(2);
  });

  test('of an error that does not end says its status all the same', async () => {
    await using world = await openHttpWorld((response) => response.writeHead(403).write('{'), { attemptTimeoutMs: 30 });
    expect(await failureOf(world.http.call('listSpaces', {}))).toMatchObject({ code: 'refused', status: 403 });
  });
});

describe('a call', () => {
  const never = new Promise<never>(() => undefined);
  const neverSigned = { deviceCredentials: deviceCredentialsOf(keys), getSubkey: () => never };

  test.each([
    ['for an answer', { transport: () => never }],
    ['for a subkey', { credentials: neverSigned }],
  ] satisfies [string, Partial<HttpClientOptions>][])('that waits %s runs out of time', async (_what, options) => {
    await using world = await openHttpWorld((response) => answerJson(response, noSpaces), options);
    const failure = await failureOf(world.http.call('listSpaces', { timeoutMs: 30 }));
    expect(failure).toMatchObject({ code: 'timeout', message: expect.stringContaining('within 30 ms') });
  });

  test('that waits before it tries again can be stopped', async () => {
    const stop = new AbortController();
    const wait = () => {
      stop.abort();
      return never;
    };
    await using world = await openHttpWorld((response) => response.writeHead(502).end(), { wait });
    expect(await failureOf(world.http.call('listSpaces', { signal: stop.signal }))).toMatchObject({ code: 'aborted' });
    expect(world.server.requests).toHaveLength(1);
  });

  test('that was stopped before it began is not sent', async () => {
    await using world = await openHttpWorld((response) => answerJson(response, noSpaces));
    const call = world.http.call('listSpaces', { signal: AbortSignal.abort() });
    expect(await failureOf(call)).toMatchObject({ code: 'aborted', retryable: false });
    expect(world.server.requests).toEqual([]);
  });

  test('stops at once when it is told to, and its connection ends', async () => {
    const stop = new AbortController();
    let closed: Promise<unknown> = Promise.resolve();
    await using world = await openHttpWorld((response) => {
      closed = new Promise((resolve) => {
        response.on('close', resolve);
      });
      stop.abort();
    });
    expect(await failureOf(world.http.call('listSpaces', { signal: stop.signal }))).toMatchObject({ code: 'aborted' });
    await closed;
    expect(world.server.requests).toHaveLength(1);
  });

  test('leaves nothing behind at a signal that lives longer', async () => {
    const stop = new AbortController();
    const listeners = new Set<unknown>();
    const { addEventListener, removeEventListener } = stop.signal;
    stop.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.add(args[1]);
      return addEventListener.apply(stop.signal, args);
    };
    stop.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.delete(args[1]);
      return removeEventListener.apply(stop.signal, args);
    };
    await using world = await openHttpWorld((response) => answerJson(response, noSpaces));
    await world.http.call('listSpaces', { signal: stop.signal });
    expect(listeners.size).toBe(0);
  });
});
