// What all wire formats have in common: pauses, broken ends, and what is answered beside the answers.
import { describe, expect, test } from 'vitest';
import { createGate, replies, startFakeProvider } from '../../src/index.ts';
import { ask, askBody, streamEvents, WIRES } from './kit/ask.ts';
import { failureOf } from './kit/failure-of.ts';

describe('every format', () => {
  test.each(['anthropic', 'openai-chat'] as const)('%s says in a header how long to wait', async (wire) => {
    await using provider = await startFakeProvider({
      defaultReply: replies.error('rate_limit', { retryAfterSeconds: 7 }),
    });
    const response = await ask(provider, wire);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
  });

  test.each(WIRES)('%s: a stream that ends too early ends properly', async (wire) => {
    const reply = replies.steps([
      { kind: 'text', chunks: ['One'] },
      { kind: 'end' },
      { kind: 'text', chunks: ['two'] },
    ]);
    const events = JSON.stringify(await streamEvents(wire, reply));
    expect(events).toContain('One');
    expect(events).not.toMatch(/two|message_stop|DONE|completed|STOP/);
  });

  test.each(WIRES)('%s: a stream that is cut is an error after what was said', async (wire) => {
    await using provider = await startFakeProvider({ defaultReply: replies.cut('One') });
    const response = await ask(provider, wire, { stream: true });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })();
    await expect(reading).rejects.toThrow('terminated');
    expect(text).toContain('One');
  });

  test.each(WIRES)('%s: nothing is sent before the test lets it', async (wire) => {
    await using provider = await startFakeProvider();
    const gate = createGate();
    provider.script([replies.text('Now', { startAfter: gate.opened })]);
    const asking = ask(provider, wire);
    const request = await provider.waitFor(({ answeredBy }) => answeredBy === 'script');
    expect(request.status).toBe(0);
    gate.release();
    expect(await (await asking).text()).toContain('Now');
  });

  test.each(WIRES)('%s: a delay is waited for, and ends with the client', async (wire) => {
    await using provider = await startFakeProvider();
    provider.script([replies.text('Late', { delayMs: 600_000 })]);
    const abort = new AbortController();
    const failing = failureOf(ask(provider, wire, { signal: abort.signal }));
    await provider.waitFor(({ answeredBy }) => answeredBy === 'script');
    abort.abort();
    expect(await failing).toMatchObject({ name: 'AbortError' });
    const request = await provider.waitFor(({ outcome }) => outcome !== 'open');
    expect(request).toMatchObject({ outcome: 'aborted_by_client', status: 0 });
    expect((await ask(provider, wire)).status).toBe(500);
  });

  test.each(WIRES)('%s: a short delay passes', async (wire) => {
    expect(JSON.stringify(await askBody(wire, replies.text('Late', { delayMs: 1 })))).toContain('Late');
  });
});

describe('beside the answers', () => {
  test.each([
    ['anthropic', '/v1/messages/count_tokens', 'input_tokens'],
    ['google', '/v1beta/models/gemini-x:countTokens', 'totalTokens'],
  ] as const)('%s counts tokens without the script', async (wire, path, member) => {
    await using provider = await startFakeProvider();
    const body = (await (await ask(provider, wire, { path })).json()) as Readonly<Record<string, number>>;
    expect(body[member]).toBeGreaterThan(0);
    expect(provider.requests).toMatchObject([{ operation: 'count_tokens', answeredBy: 'provider' }]);
  });

  test.each([
    [
      'anthropic',
      '/v1/models',
      { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
      { data: [{ type: 'model', id: 'm-1' }] },
    ],
    ['openai', '/v1/models', { authorization: 'Bearer k' }, { object: 'list', data: [{ object: 'model', id: 'm-1' }] }],
    ['google', '/v1beta/models', { 'x-goog-api-key': 'k' }, { models: [{ name: 'models/m-1' }] }],
    ['google with a key in the query', '/v1beta/models?key=k', {}, { models: [{ name: 'models/m-1' }] }],
    ['openai, one model', '/v1/models/m-1', { authorization: 'Bearer k' }, { object: 'model', id: 'm-1' }],
  ])('%s lists the models that there are', async (_, path, headers, expected) => {
    await using provider = await startFakeProvider({ models: ['m-1'] });
    const response = await fetch(provider.url + path, { headers: { ...headers } });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(expected);
  });

  test('a probe needs no key', async () => {
    await using provider = await startFakeProvider();
    expect((await fetch(provider.url, { method: 'HEAD' })).status).toBe(200);
    expect(provider.requests).toMatchObject([{ operation: 'probe', answeredBy: 'provider', status: 200 }]);
  });

  test.each([
    ['anthropic', '/messages'],
    ['openai-chat', '/chat/completions'],
    ['openai-responses', '/responses'],
    ['google', '/models/gemini-x:generateContent'],
    ['google', '/v1/models/gemini-x:generateContent'],
  ] as const)('%s answers at %s as well', async (wire, path) => {
    await using provider = await startFakeProvider({ defaultReply: 'Hello' });
    expect((await ask(provider, wire, { path })).status).toBe(200);
    expect(provider.calls(wire)).toHaveLength(1);
  });
});
