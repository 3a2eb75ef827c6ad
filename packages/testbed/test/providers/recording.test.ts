// Scripts, handlers, side jobs, and what a test can learn of the requests.
import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createGate, findLastUserText, replies, startFakeProvider } from '../../src/index.ts';
import { ask, MINIMAL } from './kit/ask.ts';
import { failureOf } from './kit/failure-of.ts';

const CLAUDE = { ...MINIMAL.anthropic.headers, 'user-agent': 'claude-cli/2.1.197 (external, sdk-cli)' };
const TOOLS = { tools: [{ name: 'look', input_schema: { type: 'object' } }] };

async function textOf(response: Response): Promise<string> {
  return Object(await response.json()).content[0].text;
}

describe('who answers', () => {
  test('the script comes first, then the handler, then the default', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'default' });
    provider.script(['one', 'two']);
    provider.respond(({ messages }) => (messages[0]?.text === 'Hello' ? undefined : 'handler'));
    const other = { messages: [{ role: 'user', content: 'Other' }] };
    const texts: string[] = [];
    for (const more of [{}, other, other, {}]) texts.push(await textOf(await ask(provider, 'anthropic', { more })));
    expect(texts).toEqual(['one', 'two', 'handler', 'default']);
    expect(provider.requests.map(({ answeredBy }) => answeredBy)).toEqual(['script', 'script', 'handler', 'default']);
    expect(provider.unexpected).toEqual([]);
  });

  test('a handler that fails is reported to the client and to the test', async () => {
    await using provider = await startFakeProvider();
    provider.respond(() => Promise.reject(new Error('no idea')));
    const response = await ask(provider, 'anthropic');
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('no idea');
    expect(provider.unexpected).toHaveLength(1);
  });

  test('a request that is refused leaves the script alone', async () => {
    await using provider = await startFakeProvider();
    provider.script(['one']);
    await ask(provider, 'anthropic', { more: { messages: [] } });
    expect(provider.remainingReplies).toBe(1);
  });
});

describe('side jobs', () => {
  test.each([
    { name: 'without tools', more: {} },
    { name: 'for a single token', more: { ...TOOLS, max_tokens: 1 } },
  ])('a request of a CLI $name leaves the script alone', async ({ more }) => {
    await using provider = await startFakeProvider();
    provider.script(['turn']);
    expect(await textOf(await ask(provider, 'anthropic', { headers: CLAUDE, more }))).toBe('ok');
    expect(provider.requests).toMatchObject([{ answeredBy: 'side_job' }]);
    expect(provider.calls('anthropic')).toEqual([]);
    expect(await textOf(await ask(provider, 'anthropic', { headers: CLAUDE, more: TOOLS }))).toBe('turn');
    expect(provider.calls('anthropic')).toHaveLength(1);
  });

  test('a request without tools that no CLI sent is a turn', async () => {
    await using provider = await startFakeProvider();
    provider.script(['turn']);
    expect(await textOf(await ask(provider, 'anthropic'))).toBe('turn');
  });

  test('a test may want side jobs in its script', async () => {
    await using provider = await startFakeProvider({ sideJobs: 'script' });
    provider.script(['A title']);
    expect(await textOf(await ask(provider, 'anthropic', { headers: CLAUDE }))).toBe('A title');
  });

  test('a test may say itself what a side job is, and what it gets', async () => {
    await using provider = await startFakeProvider({
      isSideJob: ({ system }) => system.includes('title'),
      sideJobReply: 'A title',
    });
    provider.script(['turn']);
    const title = await ask(provider, 'anthropic', { more: { system: 'Write a title.' } });
    expect(await textOf(title)).toBe('A title');
    expect(await textOf(await ask(provider, 'anthropic', { headers: CLAUDE }))).toBe('turn');
  });

  test.each([
    [
      'anthropic',
      'claude-cli/2',
      (schema: unknown) => ({ output_config: { format: { type: 'json_schema', schema } } }),
    ],
    ['openai-chat', 'codex_exec/1', (schema: unknown) => ({ response_format: { json_schema: { schema } } })],
    ['openai-responses', 'codex_cli_rs/1', (schema: unknown) => ({ text: { format: { schema } } })],
    ['google', 'GeminiCLI-tui/0.61.0', (schema: unknown) => ({ generationConfig: { responseJsonSchema: schema } })],
  ] as const)('%s: a side job that wants JSON gets JSON', async (wire, agent, more) => {
    await using provider = await startFakeProvider();
    const schema = {
      type: 'OBJECT',
      properties: {
        title: { type: 'string' },
        score: { type: 'INTEGER', minimum: 3 },
        model: { enum: ['flash', 'pro'] },
        tags: { type: 'array' },
        isNew: { type: 'boolean' },
        inner: { type: 'object', properties: { n: { type: 'number' } } },
      },
    };
    const headers = { ...MINIMAL[wire].headers, 'user-agent': agent };
    const text = await (await ask(provider, wire, { headers, more: more(schema) })).text();
    const expected = { title: 'ok', score: 3, model: 'flash', tags: [], isNew: false, inner: { n: 1 } };
    expect(text).toContain(JSON.stringify(JSON.stringify(expected)).slice(1, -1));
  });
});

describe('what is remembered', () => {
  test('a request is kept as it came', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hi.', clock: () => 12_345 });
    const content = [
      { type: 'text', text: 'One' },
      { type: 'text', text: 'Two' },
    ];
    const more = { system: [{ type: 'text', text: 'Be kind.' }], messages: [{ role: 'user', content }], ...TOOLS };
    await ask(provider, 'anthropic', { more, path: '/v1/messages?beta=true' });
    const [request] = provider.requests;
    expect(request).toMatchObject({
      seq: 1,
      api: 'anthropic',
      operation: 'generate',
      method: 'POST',
      path: '/v1/messages?beta=true',
      headers: { 'content-type': 'application/json', 'x-api-key': 'fake-key' },
      credential: { source: 'x-api-key', value: 'fake-key' },
      model: 'claude-x',
      maxTokens: 100,
      system: 'Be kind.',
      messages: [{ role: 'user', text: 'One\nTwo', texts: ['One', 'Two'] }],
      toolNames: ['look'],
      receivedAt: 12_345,
    });
    expect(JSON.parse(request?.rawBody ?? '')).toEqual(request?.raw);
    expect(request && findLastUserText(request)).toBe('Two');
  });

  test('only so many requests are kept', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hi.', maxRequests: 2 });
    for (let count = 0; count < 5; count++) await ask(provider, 'anthropic');
    expect(provider.requests.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(provider.forgotten).toBe(3);
  });

  test('a client that goes away while it sends is recorded', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hi.' });
    const headers = { ...MINIMAL.anthropic.headers, 'content-length': '1000' };
    const request = httpRequest(`${provider.url}/v1/messages`, { method: 'POST', headers });
    request.on('error', () => undefined);
    await new Promise<void>((resolve) => request.write('{"model":', () => resolve()));
    request.destroy();
    expect(await provider.waitFor(() => true)).toMatchObject({ rawBody: '' });
    expect(await provider.waitFor(({ outcome }) => outcome !== 'open')).toMatchObject({ outcome: 'aborted_by_client' });
  });
});

describe('waiting', () => {
  test('a request that came before is found as well as one that comes later', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hi.' });
    const later = provider.waitFor(({ seq }) => seq === 2);
    await ask(provider, 'anthropic');
    expect(await provider.waitFor(({ seq }) => seq === 1)).toMatchObject({ api: 'anthropic' });
    await ask(provider, 'google');
    expect(await later).toMatchObject({ api: 'google' });
  });

  test('waiting ends with what was seen instead', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hi.' });
    await ask(provider, 'anthropic');
    const waiting = provider.waitFor(() => false, { timeoutMs: 1 });
    await expect(waiting).rejects.toThrow(/Seen: #1 POST \/v1\/messages \(default, answered, 200\)/);
  });

  test('a predicate that fails fails the wait, and nothing else', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hi.' });
    const waiting = provider.waitFor(() => {
      throw new Error('wrong predicate');
    });
    const failing = failureOf(waiting);
    expect((await ask(provider, 'anthropic')).status).toBe(200);
    expect(await failing).toMatchObject({ message: 'wrong predicate' });
  });
});

describe('closing', () => {
  test('ends answers that wait, and those who wait for requests', async () => {
    const provider = await startFakeProvider();
    const never = createGate();
    provider.script([replies.steps([{ kind: 'pause', until: never.opened }])]);
    const asking = failureOf(ask(provider, 'openai-chat'));
    await provider.waitFor(({ answeredBy }) => answeredBy === 'script');
    const waiting = failureOf(provider.waitFor(() => false));
    await provider[Symbol.asyncDispose]();
    expect(await asking).toMatchObject({ message: 'fetch failed' });
    expect(await waiting).toMatchObject({ code: 'provider_closed' });
    expect(provider.requests).toMatchObject([{ outcome: 'cut' }]);
    await expect(fetch(provider.url)).rejects.toThrow('fetch failed');
  });

  test('twice is the same as once', async () => {
    const provider = await startFakeProvider();
    await provider[Symbol.asyncDispose]();
    await expect(provider[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  test('ids of two providers differ, as clients remember them', async () => {
    await using first = await startFakeProvider({ defaultReply: 'Hi.' });
    await using second = await startFakeProvider({ defaultReply: 'Hi.' });
    const ids = [];
    for (const provider of [first, first, second]) {
      ids.push(Object(await (await ask(provider, 'anthropic')).json()).id);
    }
    expect(new Set(ids).size).toBe(3);
  });
});
