// What a failure is called, and what is sent again after it. Real HTTP on loopback. spec: wire-protocol 5.5, 13
import { describe, expect, test } from 'vitest';
import { ClientError, deviceCredentialsOf, type HttpClient } from '../src/index.ts';
import { envelope, failureOf, keys, noSpaces, openHttpWorld, session, signUpBody } from './kit/http-world.ts';
import { credentialsOf, NOW } from './kit/keys.ts';
import { type Answerer, answerJson } from './kit/raw-server.ts';

describe('a refusal', () => {
  test.each([
    [400, 'INVALID_PAYLOAD', 'refused', false],
    [400, 'DEVICE_NOT_FOUND', 'refused', false],
    [403, 'FORBIDDEN', 'refused', false],
    [404, 'NOT_FOUND', 'refused', false],
    [404, 'BLOB_NOT_FOUND', 'refused', false],
    [409, 'CONFLICT', 'refused', false],
    [410, 'GONE', 'refused', false],
    [413, 'FILE_TOO_LARGE', 'refused', false],
    [413, 'MESSAGE_TOO_LONG', 'refused', false],
    [429, 'RATE_LIMITED', 'rate-limited', true],
    [429, 'SLOW_MODE', 'rate-limited', true],
    [500, 'INTERNAL', 'server-failed', true],
  ])('with %i %s becomes %s', async (status, error, code, retryable) => {
    await using world = await openHttpWorld((response) => answerJson(response, { error, message: 'because' }, status));
    const failure = await failureOf(world.http.call('signUp', { body: signUpBody, attempts: 1 }));
    expect(failure).toMatchObject({ code, status, apiCode: error, retryable });
    expect(failure.message).toBe(`Cannot call POST /signup: the server answered ${status} ${error} ("because")`);
    expect(world.server.requests).toHaveLength(1);
  });

  test.each([
    ['a page of a proxy', '<html>Bad gateway</html>', undefined],
    ['an unknown code', '{"error":"NEW_THING"}', 'NEW_THING'],
    ['nothing', '', undefined],
    ['more than anybody reads', 'x'.repeat(200_000), undefined],
  ])('with %s still says its status', async (_what, text, serverCode) => {
    await using world = await openHttpWorld((response) => response.writeHead(502).end(text));
    const failure = await failureOf(world.http.call('listSpaces', { attempts: 1 }));
    expect(failure).toMatchObject({ code: 'server-failed', status: 502, apiCode: undefined });
    expect(failure.fields['serverCode']).toBe(serverCode);
  });

  test("shows no more of the server's words than a line bears, and nothing that steers a terminal", async () => {
    const message = `\u001b[31mred\u202e ${'x'.repeat(5000)}`;
    await using world = await openHttpWorld((response) => answerJson(response, { error: 'FORBIDDEN', message }, 403));
    const failure = await failureOf(world.http.call('listSpaces', {}));
    expect(failure.message.length).toBeLessThan(400);
    expect(failure.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('names the member that the server names', async () => {
    const body = { error: 'INVALID_PAYLOAD', message: 'no', field: 'slugs[0]' };
    await using world = await openHttpWorld((response) => answerJson(response, body, 400));
    expect(await failureOf(world.http.call('listSpaces', {}))).toMatchObject({ apiField: 'slugs[0]' });
  });
});

describe('a wrong clock', () => {
  test.each([
    ['in the text', { message: `the server's clock says ${NOW + 900_000}` }, {}, /15 minutes behind/],
    ['in the text, the other way', { message: `the server's clock says ${NOW - 900_000}` }, {}, /15 minutes ahead of/],
    ['only in the date', {}, { date: new Date(NOW + 3_600_000).toUTCString() }, /60 minutes behind/],
  ])('that the server names %s is said, and no new subkey is asked for', async (_what, body, headers, text) => {
    await using world = await openHttpWorld((response) => {
      response.writeHead(401, { ...headers }).end(JSON.stringify({ error: 'UNAUTHORIZED', ...body }));
    });
    const failure = await failureOf(world.http.call('listSpaces', {}));
    expect(failure).toMatchObject({ code: 'unauthorized', message: expect.stringMatching(text) });
    expect(world.renewals).toEqual([]);
    expect(world.server.requests).toHaveLength(1);
  });
});

describe('a 401', () => {
  const refuse: Answerer = (response) => {
    response.sendDate = false;
    answerJson(response, { error: 'UNAUTHORIZED', message: 'no' }, 401);
  };

  test('is answered by one new subkey and a fresh signature', async () => {
    await using world = await openHttpWorld((response, request, number) =>
      number === 0 ? refuse(response, request, number) : answerJson(response, noSpaces),
    );
    await world.http.call('listSpaces', {});
    const [before, after] = world.server.requests;
    expect(world.renewals).toEqual([session.subkeyId]);
    expect(after?.headers['x-puffo-signer-id']).not.toBe(before?.headers['x-puffo-signer-id']);
    expect(after?.headers['x-puffo-nonce']).not.toBe(before?.headers['x-puffo-nonce']);
  });

  test('with the new subkey too is final', async () => {
    await using world = await openHttpWorld(refuse);
    expect(await failureOf(world.http.call('listSpaces', {}))).toMatchObject({ code: 'unauthorized', status: 401 });
    expect(world.server.requests).toHaveLength(2);
  });

  test('makes what comes next final, whatever it is', async () => {
    await using world = await openHttpWorld((response, request, number) =>
      number === 0 ? refuse(response, request, number) : response.writeHead(503).end(),
    );
    expect(await failureOf(world.http.call('listSpaces', {}))).toMatchObject({ code: 'server-failed' });
    expect(world.server.requests).toHaveLength(2);
  });

  test('of a device key is final at once', async () => {
    await using world = await openHttpWorld(refuse);
    const call = world.http.call('registerSubkey', { body: { subkey_cert: {} } });
    expect(await failureOf(call)).toMatchObject({ code: 'unauthorized' });
    expect(world.renewals).toEqual([]);
    expect(world.server.requests).toHaveLength(1);
  });

  test('fails as the renewal does, when there is no other subkey', async () => {
    const failure = new ClientError('Cannot sign in', { code: 'store-failed' });
    const credentials = {
      deviceCredentials: deviceCredentialsOf(keys),
      getSubkey: () => Promise.resolve(credentialsOf(session)),
      renewSubkey: () => Promise.reject(failure),
    };
    await using world = await openHttpWorld(refuse, { credentials });
    expect(await failureOf(world.http.call('listSpaces', {}))).toBe(failure);
    expect(world.server.requests).toHaveLength(1);
  });
});

const reads = (http: HttpClient) => http.call('listSpaces', {});
const sends = (http: HttpClient) => http.call('sendMessage', { body: envelope });
const signsUp = (http: HttpClient) => http.call('signUp', { body: signUpBody });
const uploads = (http: HttpClient) => http.call('uploadBlob', { body: new Uint8Array(3) });
const uploadsNamed = (http: HttpClient) =>
  http.call('uploadBlob', { body: new Uint8Array(3), query: { transaction_id: 'tx' } });

describe('what failed', () => {
  const breaks: Answerer = (response) => response.socket?.destroy();
  const breaksHalfway: Answerer = (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"spaces"');
    response.socket?.end();
  };
  const limits: Answerer = (response) => answerJson(response, { error: 'RATE_LIMITED' }, 429);
  const failsOurs: Answerer = (response) => answerJson(response, { error: 'INTERNAL' }, 503);
  const failsOdd: Answerer = (response) => response.writeHead(503).end('<html>');
  const failsInside: Answerer = (response) => answerJson(response, { error: 'INTERNAL' }, 500);

  test.each([
    ['a read whose connection breaks', reads, breaks, 4],
    ['a read whose answer breaks off', reads, breaksHalfway, 4],
    ['a read that a proxy refuses', reads, failsOdd, 4],
    ['a message whose connection breaks', sends, breaks, 4],
    ['a message at which the server fails', sends, failsInside, 4],
    ['a sign-up whose connection breaks', signsUp, breaks, 1],
    ['a sign-up at which the server fails', signsUp, failsInside, 1],
    ['a sign-up that a proxy refuses', signsUp, failsOdd, 1],
    ['a sign-up that the server puts off', signsUp, failsOurs, 4],
    ['a sign-up that comes too often', signsUp, limits, 4],
    ['an upload without a name whose connection breaks', uploads, breaks, 1],
    ['an upload with a name whose connection breaks', uploadsNamed, breaks, 4],
  ] as const)('%s', async (_what, call, answer, sent) => {
    await using world = await openHttpWorld(answer);
    const failure = await failureOf(call(world.http));
    expect(failure.retryable).toBe(true);
    expect(world.server.requests).toHaveLength(sent);
    expect(world.waits).toHaveLength(sent - 1);
    const nonces = world.server.requests.map(({ headers }) => headers['x-puffo-nonce']);
    if (call !== signsUp) expect(new Set(nonces).size).toBe(sent);
  });

  test('is over with the first success', async () => {
    await using world = await openHttpWorld((response, _request, number) =>
      number < 2 ? response.writeHead(502).end() : answerJson(response, noSpaces),
    );
    expect(await world.http.call('listSpaces', {})).toMatchObject({ spaces: { items: [] } });
    expect(world.server.requests).toHaveLength(3);
  });

  test('is not repeated more often than the caller wants', async () => {
    await using world = await openHttpWorld((response) => response.writeHead(502).end());
    await failureOf(world.http.call('listSpaces', { attempts: 2 }));
    expect(world.server.requests).toHaveLength(2);
  });

  test.each([
    ['seconds', { 'retry-after': '3' }, {}, 3000],
    ['a date', { 'retry-after': new Date(NOW + 5000).toUTCString() }, {}, 5000],
    ['the body', {}, { retry_after_ms: 1234 }, 1234],
  ])('waits as long as %s says', async (_what, headers, body, wish) => {
    await using world = await openHttpWorld((response, _request, number) => {
      if (number > 0) return answerJson(response, noSpaces);
      response.writeHead(429, { ...headers }).end(JSON.stringify({ error: 'RATE_LIMITED', ...body }));
    });
    await world.http.call('listSpaces', {});
    expect(world.waits).toHaveLength(1);
    expect(world.waits[0]).toBeGreaterThanOrEqual(wish);
  });

  test('is given back with its wish, when the server asks for more than a call lasts', async () => {
    await using world = await openHttpWorld((response) => response.writeHead(429, { 'retry-after': '90000' }).end());
    const failure = await failureOf(world.http.call('listSpaces', {}));
    expect(failure).toMatchObject({ code: 'rate-limited', retryAfterMs: 3_600_000 });
    expect(world.server.requests).toHaveLength(1);
  });

  test('because nothing listens is said to be so, and tried again even where twice would be wrong', async () => {
    await using world = await openHttpWorld((response) => answerJson(response, {}));
    await world.server[Symbol.asyncDispose]();
    const failure = await failureOf(world.http.call('signUp', { body: signUpBody }));
    expect(failure).toMatchObject({ code: 'unreachable', fields: { reason: 'ECONNREFUSED', sent: false } });
    expect(failure.message).toBe(
      `Cannot reach ${world.server.url}: nothing listens there; check the address and that the server runs`,
    );
    expect(world.waits).toHaveLength(3);
  });
});
