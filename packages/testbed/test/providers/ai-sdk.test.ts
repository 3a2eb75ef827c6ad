// The fake through the eyes of a real client library: what it believes of the fake, it would believe of the real thing.
import { APICallError, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { describe, expect, test } from 'vitest';
import { createGate, type FakeReply, type ProviderErrorName, replies, startFakeProvider } from '../../src/index.ts';
import { failureOf } from './kit/failure-of.ts';
import { SDK_CASES, type SdkCase } from './kit/sdk-models.ts';

const USAGE = { inputTokens: 120, outputTokens: 34, cacheReadTokens: 20 };

/** Looks up a city, and remembers what it was asked. */
function createWeather() {
  const asked: string[] = [];
  const weather = tool({
    description: 'The weather of a city',
    inputSchema: jsonSchema<{ readonly city: string }>({
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    }),
    execute: ({ city }) => {
      asked.push(city);
      return `Sunny in ${city}`;
    },
  });
  return { asked, tools: { weather } };
}

/** Everything a stream delivers until its end, however it ends. */
async function readStream(each: SdkCase, reply: FakeReply) {
  await using provider = await startFakeProvider();
  provider.script([reply]);
  const result = streamText({
    model: each.open(provider),
    prompt: 'Say something',
    maxRetries: 0,
    onError: () => undefined,
  });
  const texts: string[] = [];
  const errors: unknown[] = [];
  const finishes: string[] = [];
  try {
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') texts.push(part.text);
      if (part.type === 'error') errors.push(part.error);
      if (part.type === 'finish') finishes.push(part.finishReason);
    }
  } catch (error) {
    // A connection that breaks ends the iteration itself.
    errors.push(error);
  }
  return { texts, errors, finishes, outcome: provider.requests[0]?.outcome };
}

describe.each(SDK_CASES)('through the SDK of $name', (each) => {
  test('a text arrives whole, with the tokens that the script names', async () => {
    await using provider = await startFakeProvider();
    provider.script([replies.text('Grüße, 世界 🌍', { usage: USAGE })]);
    const model = each.open(provider);
    const { text, finishReason, usage } = await generateText({ model, system: 'Be kind.', prompt: 'Hello' });
    expect({ text, finishReason }).toEqual({ text: 'Grüße, 世界 🌍', finishReason: 'stop' });
    expect(usage).toMatchObject({ inputTokens: 120, outputTokens: 34, cachedInputTokens: 20 });
    expect(provider.calls(each.api)).toMatchObject([
      {
        model: each.model,
        system: 'Be kind.',
        isStreaming: false,
        messages: [{ role: 'user', text: 'Hello' }],
        credential: { value: 'fake-key' },
        answeredBy: 'script',
      },
    ]);
  });

  test('a stream arrives in the chunks of the script, with the tokens at its end', async () => {
    await using provider = await startFakeProvider();
    provider.script([replies.text(['Grü', 'ße, ', '世界 🌍'], { usage: USAGE })]);
    const result = streamText({ model: each.open(provider), prompt: 'Hello' });
    const chunks: string[] = [];
    for await (const chunk of result.textStream) chunks.push(chunk);
    expect(chunks).toEqual(['Grü', 'ße, ', '世界 🌍']);
    expect(await result.finishReason).toBe('stop');
    expect(await result.usage).toMatchObject({ inputTokens: 120, outputTokens: 34, cachedInputTokens: 20 });
    expect(provider.calls(each.api)).toMatchObject([{ isStreaming: true, status: 200 }]);
  });

  test.each([{ streaming: false }, { streaming: true }])(
    'a tool is called, and its result comes back (streaming: $streaming)',
    async ({ streaming }) => {
      await using provider = await startFakeProvider();
      const call = { name: 'weather', input: { city: 'Köln "am" Rhein' }, text: 'Let me look.' };
      provider.script([replies.toolCall(call), 'It is sunny.']);
      const { asked, tools } = createWeather();
      const options = { model: each.open(provider), tools, prompt: 'Weather?', stopWhen: stepCountIs(3) };
      const result = streaming ? streamText(options) : await generateText(options);
      expect(await result.text).toBe('It is sunny.');
      expect((await result.steps)[0]).toMatchObject({ text: 'Let me look.', finishReason: 'tool-calls' });
      expect(asked).toEqual(['Köln "am" Rhein']);
      const [first, second] = provider.calls(each.api);
      expect(first?.toolNames).toEqual(['weather']);
      const said = second?.messages ?? [];
      const [called] = said.flatMap(({ toolCalls }) => toolCalls);
      expect(called).toMatchObject({ name: 'weather', input: { city: 'Köln "am" Rhein' } });
      expect(said.flatMap(({ toolResults }) => toolResults)).toMatchObject([
        { id: called?.id, text: 'Sunny in Köln "am" Rhein', isError: false },
      ]);
      expect(said.flatMap(({ texts }) => texts)).toEqual(['Weather?', 'Let me look.']);
    },
  );

  test('several tools are called at once', async () => {
    await using provider = await startFakeProvider();
    const calls = ['Bonn', 'Kyiv'].map((city) => ({ kind: 'tool_call', name: 'weather', input: { city } }) as const);
    provider.script([replies.steps(calls), 'Sunny in both.']);
    const { asked, tools } = createWeather();
    const model = each.open(provider);
    await generateText({ model, tools, prompt: 'Weather?', stopWhen: stepCountIs(2) });
    expect(asked).toEqual(['Bonn', 'Kyiv']);
    const results = provider.calls(each.api)[1]?.messages.flatMap(({ toolResults }) => toolResults) ?? [];
    expect(results.map(({ text }) => text)).toEqual(['Sunny in Bonn', 'Sunny in Kyiv']);
  });

  test('thinking is kept apart from the text', async () => {
    await using provider = await startFakeProvider();
    provider.script([
      replies.steps([
        { kind: 'thinking', chunks: ['Hm', 'mm.'] },
        { kind: 'text', chunks: ['Yes.'] },
      ]),
    ]);
    const result = streamText({ model: each.open(provider), prompt: 'Hello' });
    expect(await result.text).toBe('Yes.');
    // The SDK of OpenAI's chat completions knows no thinking, as the real API sends none.
    const expected = each.name === 'openai chat completions' ? undefined : 'Hmmm.';
    expect(await result.reasoningText).toBe(expected);
  });

  test.each([
    { name: 'an empty answer', reply: replies.empty(), text: '', finishReason: 'stop' },
    {
      name: 'an answer that ran out of tokens',
      reply: replies.text('Half', { finish: 'length' }),
      text: 'Half',
      finishReason: 'length',
    },
    {
      name: 'a large answer',
      reply: replies.large(),
      text: expect.stringMatching(/^[^]{180000,}$/),
      finishReason: 'stop',
    },
  ])('$name arrives both ways', async ({ reply, text, finishReason }) => {
    await using provider = await startFakeProvider({ defaultReply: reply });
    const model = each.open(provider);
    const whole = await generateText({ model, prompt: 'Hello' });
    expect({ text: whole.text, finishReason: whole.finishReason }).toEqual({ text, finishReason });
    const streamed = streamText({ model, prompt: 'Hello' });
    expect({ text: await streamed.text, finishReason: await streamed.finishReason }).toEqual({ text, finishReason });
  });

  const errors: readonly [ProviderErrorName, number | 'own', boolean][] = [
    ['invalid_request', 400, false],
    ['prompt_too_long', 400, false],
    ['authentication', 401, false],
    ['permission', 403, false],
    ['model_not_found', 404, false],
    ['too_large', 413, false],
    ['rate_limit', 429, true],
    ['server_error', 500, true],
    ['overloaded', each.api === 'anthropic' ? 529 : 503, true],
  ];

  test.each(errors)('%s is an APICallError with its status', async (name, statusCode, isRetryable) => {
    const message = `Told by the test: ${name}`;
    await using provider = await startFakeProvider({ defaultReply: replies.error(name, { message }) });
    const model = each.open(provider);
    const failure = await failureOf(generateText({ model, prompt: 'Hello', maxRetries: 0 }));
    expect(APICallError.isInstance(failure)).toBe(true);
    expect(failure).toMatchObject({ statusCode, isRetryable, message });
    const streamed = await readStream(each, replies.error(name, { message }));
    expect(streamed.errors).toMatchObject([{ statusCode, isRetryable, message }]);
    expect(provider.calls(each.api)).toMatchObject([{ status: statusCode, outcome: 'answered' }]);
  });

  test('a wrong key is refused, and nothing of the script is used', async () => {
    await using provider = await startFakeProvider({ keys: ['right'] });
    provider.script(['Hello']);
    const ask = (key: string) => generateText({ model: each.open(provider, key), prompt: 'Hello', maxRetries: 0 });
    const failure = await failureOf(ask('wrong'));
    expect(failure).toMatchObject({ statusCode: each.api === 'google' ? 400 : 401, isRetryable: false });
    expect(provider.remainingReplies).toBe(1);
    expect(await ask('right')).toMatchObject({ text: 'Hello' });
  });

  test('a model that does not exist is a 404', async () => {
    await using provider = await startFakeProvider({ models: ['another'] });
    const failure = await failureOf(generateText({ model: each.open(provider), prompt: 'Hello', maxRetries: 0 }));
    expect(failure).toMatchObject({ statusCode: 404, message: expect.stringContaining(each.model) });
  });

  test('what nobody scripted is a 500 that says so', async () => {
    await using provider = await startFakeProvider();
    const failure = await failureOf(generateText({ model: each.open(provider), prompt: 'Hello', maxRetries: 0 }));
    expect(failure).toMatchObject({ statusCode: 500, message: expect.stringContaining('the script is exhausted') });
    expect(provider.unexpected).toHaveLength(1);
  });

  test('a retry takes the next reply of the script', async () => {
    await using provider = await startFakeProvider();
    provider.script([replies.error('overloaded', { retryAfterSeconds: 0 }), 'At last.']);
    const { text } = await generateText({ model: each.open(provider), prompt: 'Hello', maxRetries: 1 });
    expect(text).toBe('At last.');
  });

  test('a stream that is cut says what it said, and fails', async () => {
    const { texts, errors: seen, outcome } = await readStream(each, replies.cut(['One ', 'two ']));
    expect(texts.join('')).toBe('One two ');
    expect(seen).toHaveLength(1);
    expect(outcome).toBe('cut');
  });

  test('an answer in one body that is cut fails', async () => {
    await using provider = await startFakeProvider({ defaultReply: replies.cut('One two') });
    const failure = await failureOf(generateText({ model: each.open(provider), prompt: 'Hello', maxRetries: 0 }));
    expect(failure).toBeInstanceOf(Error);
    await provider.waitFor(({ outcome }) => outcome === 'cut');
  });

  test.each([
    { name: 'half a JSON', reply: replies.malformed('One') },
    { name: 'a page of a gateway', reply: replies.page() },
  ])('$name is an error, whole and streamed', async ({ reply }) => {
    await using provider = await startFakeProvider({ defaultReply: reply });
    const failure = await failureOf(generateText({ model: each.open(provider), prompt: 'Hello', maxRetries: 0 }));
    expect(APICallError.isInstance(failure)).toBe(true);
    const streamed = await readStream(each, reply);
    // Some SDKs see only that there was no proper end.
    expect(streamed.errors.length > 0 || !streamed.finishes.includes('stop')).toBe(true);
  });

  test('a client that gives up in the middle of a stream is noticed', async () => {
    await using provider = await startFakeProvider();
    const never = createGate();
    provider.script([
      replies.steps([
        { kind: 'text', chunks: ['One '] },
        { kind: 'pause', until: never.opened },
      ]),
    ]);
    const abort = new AbortController();
    const result = streamText({ model: each.open(provider), prompt: 'Hello', abortSignal: abort.signal });
    for await (const chunk of result.textStream) {
      expect(chunk).toBe('One ');
      abort.abort();
    }
    const request = await provider.waitFor(({ outcome }) => outcome !== 'open');
    expect(request.outcome).toBe('aborted_by_client');
  });

  test('a client that gives up before the first byte is noticed', async () => {
    await using provider = await startFakeProvider();
    provider.script([replies.hang()]);
    const abort = new AbortController();
    const model = each.open(provider);
    const failing = failureOf(generateText({ model, prompt: 'Hello', maxRetries: 0, abortSignal: abort.signal }));
    await provider.waitFor(({ answeredBy }) => answeredBy === 'script');
    abort.abort();
    expect(await failing).toMatchObject({ name: 'AbortError' });
    expect(await provider.waitFor(({ outcome }) => outcome !== 'open')).toMatchObject({
      outcome: 'aborted_by_client',
      status: 0,
    });
  });

  test('a paused stream goes on when the test says so', async () => {
    await using provider = await startFakeProvider();
    const gate = createGate();
    provider.script([
      replies.steps([
        { kind: 'text', chunks: ['One '] },
        { kind: 'pause', until: gate.opened },
        { kind: 'text', chunks: ['two'] },
      ]),
    ]);
    const result = streamText({ model: each.open(provider), prompt: 'Hello' });
    const chunks: string[] = [];
    for await (const chunk of result.textStream) {
      chunks.push(chunk);
      gate.release();
    }
    expect(chunks).toEqual(['One ', 'two']);
  });

  test('an error in the middle of a stream is an error', async () => {
    const reply = replies.steps([
      { kind: 'text', chunks: ['One '] },
      { kind: 'error', error: 'overloaded' },
    ]);
    const { texts, errors: seen } = await readStream(each, reply);
    expect(texts.join('')).toBe('One ');
    expect(seen.length).toBeGreaterThan(0);
  });
});
