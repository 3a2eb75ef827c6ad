// The wire formats by hand: the order of events, and what client libraries do not show.
import { describe, expect, test } from 'vitest';
import { type FakeReply, replies, startFakeProvider } from '../../src/index.ts';
import { ask, askBody, type EventData, streamEvents } from './kit/ask.ts';

const USAGE = { inputTokens: 50, outputTokens: 7, cacheReadTokens: 10, cacheWriteTokens: 5 };

/** Says something, calls a tool, and says nothing more. */
const TALK: FakeReply = replies.steps(
  [
    { kind: 'text', chunks: ['Hel', 'lo'] },
    { kind: 'tool_call', name: 'look', input: { at: 'sky' }, id: 'call-1' },
  ],
  { usage: USAGE },
);

describe('anthropic messages', () => {
  test('a stream has the events of the real API in their order', async () => {
    const events = await streamEvents('anthropic', TALK);
    expect(events.map(({ name }) => name)).toEqual([
      'message_start',
      'ping',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events.map(({ data }) => (typeof data === 'string' ? data : data['type']))).toEqual(
      events.map(({ name }) => name),
    );
    expect(events[0]?.data).toMatchObject({
      message: { role: 'assistant', model: 'claude-x', content: [], stop_reason: null },
    });
    expect(events[6]?.data).toMatchObject({
      index: 1,
      content_block: { type: 'tool_use', id: 'call-1', name: 'look', input: {} },
    });
    const json = events.slice(7, 10).map(({ data }) => Object(data).delta.partial_json);
    expect(json[0]).toBe('');
    expect(JSON.parse(json.join(''))).toEqual({ at: 'sky' });
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { input_tokens: 35, cache_read_input_tokens: 10, cache_creation_input_tokens: 5, output_tokens: 7 },
    });
  });

  test('an answer that is not streamed says the same', async () => {
    expect(await askBody('anthropic', TALK)).toMatchObject({
      type: 'message',
      content: [
        { type: 'text', text: 'Hello' },
        { type: 'tool_use', id: 'call-1', name: 'look', input: { at: 'sky' } },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 35, output_tokens: 7 },
    });
  });

  test('a thought is a block with a signature', async () => {
    const events = await streamEvents('anthropic', replies.steps([{ kind: 'thinking', chunks: ['Hm'] }]));
    const deltas = events.filter(({ name }) => name === 'content_block_delta');
    expect(deltas.map(({ data }) => Object(data).delta.type)).toEqual(['thinking_delta', 'signature_delta']);
  });

  test('a refusal has its own reason to stop', async () => {
    const body = await askBody('anthropic', replies.refusal('No.'));
    expect(body).toMatchObject({ stop_reason: 'refusal', content: [{ type: 'text', text: 'No.' }] });
  });

  test('an error in the middle of a stream is an event', async () => {
    const events = await streamEvents('anthropic', replies.steps([{ kind: 'error', error: 'overloaded' }]));
    expect(events.at(-1)).toMatchObject({ name: 'error', data: { error: { type: 'overloaded_error' } } });
  });
});

describe('openai chat completions', () => {
  test('a stream ends with the usage that was asked for, and [DONE]', async () => {
    const events = await streamEvents('openai-chat', TALK, { stream_options: { include_usage: true } });
    const chunks = events.map(({ data }) => data);
    expect(chunks.at(-1)).toBe('[DONE]');
    expect(chunks.at(-2)).toMatchObject({
      object: 'chat.completion.chunk',
      choices: [],
      usage: { prompt_tokens: 50, completion_tokens: 7, total_tokens: 57 },
    });
    expect(chunks.at(-3)).toMatchObject({ choices: [{ delta: {}, finish_reason: 'tool_calls' }], usage: null });
    const deltas = chunks.slice(0, -3).map((chunk) => Object(chunk).choices[0].delta);
    expect(deltas.slice(0, 4)).toMatchObject([
      { role: 'assistant', content: '' },
      { content: 'Hel' },
      { content: 'lo' },
      { tool_calls: [{ index: 0, id: 'call-1', type: 'function', function: { name: 'look', arguments: '' } }] },
    ]);
    const json = deltas.slice(4).map((delta) => delta.tool_calls[0].function.arguments);
    expect(JSON.parse(json.join(''))).toEqual({ at: 'sky' });
  });

  test('a stream that was not asked for usage has none', async () => {
    const events = await streamEvents('openai-chat', 'Hello');
    const chunks = events.map(({ data }) => data).filter((data) => typeof data !== 'string');
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  test('an answer that is not streamed says the same', async () => {
    expect(await askBody('openai-chat', TALK)).toMatchObject({
      object: 'chat.completion',
      choices: [
        {
          message: {
            role: 'assistant',
            content: 'Hello',
            tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'look', arguments: '{"at":"sky"}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: { total_tokens: 57, prompt_tokens_details: { cached_tokens: 10 } },
    });
  });

  test('a refusal has words of its own, and no content', async () => {
    const body = await askBody('openai-chat', replies.refusal('No.'));
    expect(body).toMatchObject({ choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'stop' }] });
  });

  test('an answer without anything has no content', async () => {
    expect(await askBody('openai-chat', replies.empty())).toMatchObject({ choices: [{ message: { content: null } }] });
  });
});

describe('openai responses', () => {
  test('a stream has the numbered events of the real API in their order', async () => {
    const events = await streamEvents('openai-responses', TALK);
    const names = events.map(({ name }) => name.replace('response.', ''));
    expect(names).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    expect(events.map(({ data }) => Object(data).sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.at(-2)?.data).toMatchObject({
      output_index: 1,
      item: { type: 'function_call', call_id: 'call-1', name: 'look', arguments: '{"at":"sky"}', status: 'completed' },
    });
    expect(events.at(-1)?.data).toMatchObject({
      response: {
        status: 'completed',
        output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }, { type: 'function_call' }],
        usage: { input_tokens: 50, input_tokens_details: { cached_tokens: 10 }, output_tokens: 7, total_tokens: 57 },
      },
    });
  });

  test.each([
    ['a refusal', replies.refusal('No.'), 'response.refusal.done', 'response.completed'],
    [
      'a thought',
      replies.steps([{ kind: 'thinking', chunks: ['Hm'] }]),
      'response.reasoning_summary_text.done',
      'response.completed',
    ],
    ['too few tokens', replies.text('Half', { finish: 'length' }), 'response.output_text.done', 'response.incomplete'],
    ['an error', replies.steps([{ kind: 'error', error: 'overloaded' }]), 'response.in_progress', 'response.failed'],
  ] as const)('%s has events of its own', async (_, reply, expected, last) => {
    const names = (await streamEvents('openai-responses', reply)).map(({ name }) => name);
    expect(names).toContain(expected);
    expect(names.at(-1)).toBe(last);
  });

  test('a tool of a namespace is called as codex expects it', async () => {
    const tools = [{ type: 'namespace', name: 'mcp__puffo', tools: [{ type: 'function', name: 'send' }] }];
    await using provider = await startFakeProvider();
    provider.script([replies.toolCall({ name: 'mcp__puffo__send', input: { text: 'hi' } })]);
    const body: unknown = await (await ask(provider, 'openai-responses', { more: { tools } })).json();
    expect(provider.requests[0]?.toolNames).toEqual(['mcp__puffo__send']);
    expect(body).toMatchObject({ output: [{ type: 'function_call', namespace: 'mcp__puffo', name: 'send' }] });
  });

  test('a custom tool that stands in the input gets plain text', async () => {
    const tools = [{ type: 'namespace', name: 'functions', tools: [{ type: 'custom', name: 'exec' }] }];
    const input = [
      { type: 'additional_tools', role: 'developer', tools },
      { type: 'message', role: 'user', content: 'Hello' },
    ];
    const reply = replies.toolCall({ name: 'exec', input: { input: 'text(1)' } });
    const events = await streamEvents('openai-responses', reply, { input });
    expect(events.map(({ name }) => name)).toContain('response.custom_tool_call_input.done');
    expect(events.at(-1)?.data).toMatchObject({
      response: { output: [{ type: 'custom_tool_call', name: 'exec', input: 'text(1)' }] },
    });
  });

  test('a conversation goes on from a response that was stored', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hi.' });
    const first = (await (await ask(provider, 'openai-responses')).json()) as { readonly id: string };
    await ask(provider, 'openai-responses', { more: { input: 'And now?', previous_response_id: first.id } });
    expect(provider.requests[1]?.messages.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'Hello'],
      ['assistant', 'Hi.'],
      ['user', 'And now?'],
    ]);
  });

  test('a response that was not to be stored is not found again', async () => {
    await using provider = await startFakeProvider({ defaultReply: 'Hi.' });
    const first = (await (await ask(provider, 'openai-responses', { more: { store: false } })).json()) as {
      readonly id: string;
      readonly output: readonly [{ readonly id: string }];
    };
    const byResponse = await ask(provider, 'openai-responses', { more: { previous_response_id: first.id } });
    expect(byResponse.status).toBe(400);
    const input = [{ type: 'item_reference', id: first.output[0].id }];
    expect((await ask(provider, 'openai-responses', { more: { input } })).status).toBe(404);
  });
});

describe('gemini', () => {
  test('every event is a piece of the answer, and the last says why it ended', async () => {
    const events = await streamEvents('google', TALK);
    const parts = events.map(({ data }) => Object(data).candidates[0].content.parts[0]);
    expect(parts).toEqual([
      { text: 'Hel' },
      { text: 'lo' },
      { functionCall: { id: 'call-1', name: 'look', args: { at: 'sky' } } },
      { text: '' },
    ]);
    expect(events.map(({ data }) => Object(data).candidates[0].finishReason)).toEqual([
      undefined,
      undefined,
      undefined,
      'STOP',
    ]);
    expect(events.at(-1)?.data).toMatchObject({
      usageMetadata: {
        promptTokenCount: 50,
        candidatesTokenCount: 7,
        totalTokenCount: 57,
        cachedContentTokenCount: 10,
      },
      modelVersion: 'gemini-x',
    });
  });

  test('without alt=sse a stream is one JSON array', async () => {
    await using provider = await startFakeProvider({ defaultReply: replies.text(['Hel', 'lo']) });
    const path = '/v1beta/models/gemini-x:streamGenerateContent';
    const response = await ask(provider, 'google', { path });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const pieces = (await response.json()) as readonly EventData[];
    expect(pieces.map((piece) => Object(piece).candidates[0].content.parts[0].text)).toEqual(['Hel', 'lo', '']);
    expect(provider.requests[0]?.isStreaming).toBe(true);
  });

  test('an error in the place of such an array is in an array', async () => {
    await using provider = await startFakeProvider({ defaultReply: replies.error('overloaded') });
    const response = await ask(provider, 'google', { path: '/v1beta/models/gemini-x:streamGenerateContent' });
    expect(await response.json()).toMatchObject([{ error: { code: 503, status: 'UNAVAILABLE' } }]);
  });

  test('an answer that is not streamed says the same', async () => {
    expect(await askBody('google', TALK)).toMatchObject({
      candidates: [
        {
          content: {
            role: 'model',
            parts: [{ text: 'Hello' }, { functionCall: { name: 'look', args: { at: 'sky' } } }],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { totalTokenCount: 57 },
    });
  });

  test('a refusal is a candidate without content', async () => {
    const body = Object(await askBody('google', replies.refusal('No.')));
    expect(body.candidates).toEqual([expect.objectContaining({ finishReason: 'SAFETY' })]);
    expect(body.candidates[0]).not.toHaveProperty('content');
  });

  test('how long to wait stands in the body', async () => {
    await using provider = await startFakeProvider({
      defaultReply: replies.error('rate_limit', { retryAfterSeconds: 7 }),
    });
    const response = await ask(provider, 'google');
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await response.json()).toMatchObject({
      error: { status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '7s' }] },
    });
  });
});
