// What the real providers refuse, the fake refuses: a client that passes here must not fail there.
import { describe, expect, test } from 'vitest';
import { startFakeProvider } from '../../src/index.ts';
import { ask, type AskOptions, MINIMAL, type Wire, WIRES } from './kit/ask.ts';

const USER = { role: 'user', content: 'Hello' };

async function refusalOf(wire: Wire, options: AskOptions) {
  await using provider = await startFakeProvider({ defaultReply: 'Hello', maxBodyBytes: 10_000 });
  const response = await ask(provider, wire, options);
  const body: unknown = await response.json();
  return { status: response.status, error: Object(body).error, body, requests: provider.requests };
}

describe('keys', () => {
  test.each([
    ['anthropic', 401, { type: 'authentication_error', message: 'x-api-key header is required' }],
    ['openai-chat', 401, { type: 'invalid_request_error', message: expect.stringContaining('provide an API key') }],
    ['openai-responses', 401, { type: 'invalid_request_error', code: null }],
    [
      'google',
      403,
      { code: 403, status: 'PERMISSION_DENIED', message: expect.stringContaining('unregistered callers') },
    ],
  ] as const)('%s: a request without a key is refused', async (wire, status, error) => {
    const headers = { 'anthropic-version': '2023-06-01' };
    const refused = await refusalOf(wire, { headers });
    expect(refused).toMatchObject({ status, error, requests: [{ answeredBy: 'strictness', credential: undefined }] });
  });

  test.each([
    ['anthropic', 401, { type: 'authentication_error', message: 'invalid x-api-key' }],
    ['openai-chat', 401, { code: 'invalid_api_key' }],
    ['google', 400, { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] }],
  ] as const)('%s: a wrong key is refused without repeating it', async (wire, status, error) => {
    await using provider = await startFakeProvider({ defaultReply: 'Hello', keys: ['right'] });
    const response = await ask(provider, wire);
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ error });
    expect(text).not.toContain('fake-key');
  });

  test.each([
    [
      'anthropic',
      { authorization: 'Bearer fake-token', 'anthropic-version': '2023-06-01' },
      'authorization',
      'fake-token',
    ],
    ['anthropic', MINIMAL.anthropic.headers, 'x-api-key', 'fake-key'],
    ['openai-chat', { authorization: 'bearer fake-key' }, 'authorization', 'fake-key'],
    ['google', MINIMAL.google.headers, 'x-goog-api-key', 'fake-key'],
  ] as const)('%s: a key is taken from %o', async (wire, headers, source, value) => {
    await using provider = await startFakeProvider({ defaultReply: 'Hello' });
    expect((await ask(provider, wire, { headers })).status).toBe(200);
    expect(provider.requests[0]?.credential).toEqual({ source, value });
  });

  test('the query is good enough for google', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hello' });
    const path = `${MINIMAL.google.path}?key=from-query`;
    expect((await ask(provider, 'google', { headers: {}, path })).status).toBe(200);
    expect(provider.requests[0]?.credential).toEqual({ source: 'query', value: 'from-query' });
  });
});

describe('anthropic', () => {
  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'look', input: {} }] };
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'sky' }] };

  test.each([
    ['no model', { model: undefined }, 'model: Field required'],
    ['no max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['no tokens allowed', { max_tokens: 0 }, 'max_tokens: Input should be greater than or equal to 1'],
    ['no messages', { messages: undefined }, 'messages: Field required'],
    ['an empty list', { messages: [] }, 'messages: at least one message is required'],
    ['no object', { messages: ['Hello'] }, 'messages.0: Input should be a valid dictionary'],
    ['no role', { messages: [{ content: 'Hello' }] }, 'messages.0.role: Field required'],
    [
      'a foreign role',
      { messages: [USER, { ...USER, role: 'tool' }] },
      "messages.1.role: Input should be 'user' or 'assistant'",
    ],
    ['a system message', { messages: [{ ...USER, role: 'system' }] }, 'messages: Unexpected role "system"'],
    [
      'an answer first',
      { messages: [{ ...USER, role: 'assistant' }] },
      'messages: first message must use the "user" role',
    ],
    ['no content', { messages: [{ role: 'user' }] }, 'messages.0.content: Field required'],
    [
      'content of another kind',
      { messages: [{ role: 'user', content: 5 }] },
      'messages.0.content: Input should be a valid string or list',
    ],
    [
      'empty content',
      { messages: [{ role: 'user', content: [] }] },
      'messages.0: all messages must have non-empty content',
    ],
    [
      'an empty block',
      { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      'messages: text content blocks must be non-empty',
    ],
    [
      'white space',
      { messages: [{ role: 'user', content: ' \n' }] },
      'messages: text content blocks must contain non-whitespace text',
    ],
    [
      'a result without a call',
      { messages: [USER, result] },
      'unexpected `tool_use_id` found in `tool_result` blocks: t1',
    ],
    [
      'a result for another call',
      { messages: [USER, { role: 'assistant', content: 'Hm' }, result] },
      'unexpected `tool_use_id`',
    ],
    [
      'a call without a result',
      { messages: [USER, call, USER] },
      '`tool_use` ids were found without `tool_result` blocks immediately after: t1',
    ],
  ])('%s is refused', async (_, more, message) => {
    const refused = await refusalOf('anthropic', { more });
    expect(refused).toMatchObject({ status: 400, error: { type: 'invalid_request_error' } });
    expect(refused.error.message).toContain(message);
  });

  test('a call with its result passes, also when the result stands in two messages', async () => {
    const two = { role: 'assistant', content: [...call.content, { ...call.content[0], id: 't2' }] };
    const second = { role: 'user', content: [{ ...result.content[0], tool_use_id: 't2' }] };
    const { status } = await refusalOf('anthropic', { more: { messages: [USER, two, result, second] } });
    expect(status).toBe(200);
  });

  test('counting needs no max_tokens, and messages all the same', async () => {
    const path = '/v1/messages/count_tokens';
    expect(await refusalOf('anthropic', { path, more: { max_tokens: undefined } })).toMatchObject({ status: 200 });
    expect(await refusalOf('anthropic', { path, more: { messages: [] } })).toMatchObject({ status: 400 });
  });

  test('the version of the API has to be named', async () => {
    const refused = await refusalOf('anthropic', { headers: { 'x-api-key': 'k' } });
    expect(refused).toMatchObject({ status: 400, error: { message: 'anthropic-version: header is required' } });
  });
});

describe('openai chat completions', () => {
  const calls = [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }];
  const call = { role: 'assistant', content: null, tool_calls: calls };
  const result = { role: 'tool', tool_call_id: 'c1', content: 'sky' };

  test.each([
    ['no model', { model: undefined }, { message: 'you must provide a model parameter' }],
    ['no messages', { messages: undefined }, { param: 'messages', code: 'missing_required_parameter' }],
    ['an empty list', { messages: [] }, { param: 'messages', code: 'empty_array' }],
    ['no object', { messages: [5] }, { param: 'messages[0]' }],
    [
      'no role',
      { messages: [{ content: 'Hello' }] },
      { param: 'messages[0].role', code: 'missing_required_parameter' },
    ],
    [
      'a foreign role',
      { messages: [{ ...USER, role: 'model' }] },
      { param: 'messages[0].role', code: 'invalid_value' },
    ],
    ['no content', { messages: [{ role: 'user' }] }, { param: 'messages[0].content' }],
    [
      'a result without a call',
      { messages: [USER, result] },
      { message: expect.stringContaining("messages with role 'tool' must be a response") },
    ],
    [
      'a call without a result',
      { messages: [USER, call, USER] },
      { message: expect.stringContaining('did not have response messages: c1') },
    ],
    [
      'a call at the end',
      { messages: [USER, call] },
      { message: expect.stringContaining('did not have response messages: c1') },
    ],
    [
      'the old name of the limit',
      { model: 'gpt-5-mini', max_tokens: 5 },
      { code: 'unsupported_parameter', param: 'max_tokens' },
    ],
  ])('%s is refused', async (_, more, error) => {
    expect(await refusalOf('openai-chat', { more })).toMatchObject({ status: 400, error });
  });

  test('a call with its result passes', async () => {
    const { status } = await refusalOf('openai-chat', { more: { messages: [USER, call, result] } });
    expect(status).toBe(200);
  });
});

describe('openai responses', () => {
  const call = { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' };
  const output = { type: 'function_call_output', call_id: 'c1', output: 'sky' };

  test.each([
    ['no model', { model: undefined }, { param: 'model' }],
    ['no input', { input: undefined }, { param: 'input', code: 'missing_required_parameter' }],
    ['an empty list', { input: [] }, { param: 'input', code: 'empty_array' }],
    ['an output without a call', { input: [USER, output] }, { message: expect.stringContaining('No tool call found') }],
    ['a call without an output', { input: [USER, call] }, { message: 'No tool output found for function call c1.' }],
    ['an unknown response', { previous_response_id: 'resp_x' }, { code: 'previous_response_not_found' }],
  ])('%s is refused', async (_, more, error) => {
    expect(await refusalOf('openai-responses', { more })).toMatchObject({ status: 400, error });
  });

  test('a call with its output passes', async () => {
    const { status } = await refusalOf('openai-responses', { more: { input: [USER, call, output] } });
    expect(status).toBe(200);
  });
});

describe('gemini', () => {
  const user = { role: 'user', parts: [{ text: 'Hello' }] };
  const call = { role: 'model', parts: [{ functionCall: { name: 'look', args: {} } }] };
  const response = { role: 'user', parts: [{ functionResponse: { name: 'look', response: { output: 'sky' } } }] };

  test.each([
    ['no contents', { contents: undefined }, 'contents is not specified'],
    ['no object', { contents: ['Hello'] }, "Invalid value at 'contents[0]'"],
    ['a foreign role', { contents: [{ ...user, role: 'assistant' }] }, 'Please use a valid role: user, model.'],
    ['no parts', { contents: [{ role: 'user', parts: [] }] }, 'contents[0].parts: contents.parts must not be empty'],
    [
      'a response without a call',
      { contents: [user, response] },
      'function response turn comes immediately after a function call turn',
    ],
    ['a call without a response', { contents: [user, call, user] }, 'number of function response parts is equal'],
  ])('%s is refused', async (_, more, message) => {
    const refused = await refusalOf('google', { more });
    expect(refused).toMatchObject({ status: 400, error: { code: 400, status: 'INVALID_ARGUMENT' } });
    expect(refused.error.message).toContain(message);
  });

  test('a call with its response passes', async () => {
    expect(await refusalOf('google', { more: { contents: [user, call, response] } })).toMatchObject({ status: 200 });
  });
});

describe('every provider', () => {
  test.each(WIRES)('%s: a body that is no JSON object is refused, and recorded as it came', async (wire) => {
    for (const body of ['{"model":', '[]', '', '{"model":"a","model":"b"}']) {
      const refused = await refusalOf(wire, { body });
      expect(refused.status).toBe(400);
      expect(refused.requests).toMatchObject([{ rawBody: body, raw: undefined, answeredBy: 'strictness' }]);
    }
  });

  test.each(WIRES)('%s: a body beyond the limit is refused, and not kept', async (wire) => {
    const refused = await refusalOf(wire, { body: 'x'.repeat(10_001) });
    expect(refused).toMatchObject({ status: 413, requests: [{ rawBody: '' }] });
  });

  test.each([
    ['anthropic', '/v1/complete', { error: { type: 'not_found_error' } }],
    ['openai-chat', '/v1/completions', { error: { message: 'Invalid URL (POST /v1/completions)' } }],
    ['google', '/v1beta/models/gemini-x:embedContent', { error: { code: 404, status: 'NOT_FOUND' } }],
    ['google', '/v1beta/cachedContents', { error: { code: 404, status: 'NOT_FOUND' } }],
    ['openai-chat', '//', { error: { message: 'Invalid URL (POST //)' } }],
  ] as const)('%s: %s is unknown', async (wire, path, body) => {
    expect(await refusalOf(wire, { path })).toMatchObject({ status: 404, body });
  });
});
